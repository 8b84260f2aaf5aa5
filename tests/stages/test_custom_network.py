"""All stages with a custom network as the backbone, which hears the sound of windows."""

import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import project_echo
from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.tables import read_table
from project_echo.custom_networks.network import save_network
from project_echo.features.melspectrogram import MelSpectrogram
from project_echo.models.card import BACKBONE, NETWORK_CARD, ONNX_BACKBONE, read_card, save_card
from project_echo.models.classifier import load_classifier
from project_echo.models.embedder import CustomEmbedder
from project_echo.models.thresholds import COLUMNS, TABLE, copy_model
from stages import (
    backbone,
    check,
    collect,
    crossval,
    embed,
    evaluate,
    explain,
    export,
    extract,
    field,
    infer,
    report,
    segment,
    spectrograms,
    split,
    train,
)
from tests.project_echo.custom_networks.networks import WIDTH, write_onnx, write_tflite
from tests.stages.workspaces import change_params, write_params
from tests.test_pipeline import CHANGES, RATE, write_sounds

SLICES = 3
NETWORK_S = 0.4  # shorter than our window
DATA, MODELS, PLOTS, METRICS = (Path(name) for name in ("data", "models", "plots", "metrics"))
CLIPS, IMAGES, EMBEDDINGS, AUDIO = (DATA / name for name in ("clips", "spectrograms", "embeddings", "audio"))
CLASSIFIER, FOLDER = MODELS / "classifier", MODELS / "backbone"


@pytest.fixture(scope="module", params=["network.tflite", "network.onnx"])
def run(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder in which all stages ran, as the working directory."""
    if request.param.endswith("onnx"):
        pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write = write_tflite if request.param.endswith("tflite") else write_onnx
        (folder / "networks").mkdir()
        prepare(folder, write(folder / "networks" / request.param, rate=RATE, window_s=NETWORK_S))
        run_stages()
        yield folder


def prepare(folder: Path, network: Path) -> None:
    """Write a corpus and parameters."""
    write_sounds(folder / "sounds")
    write_params(folder)
    for section, values in CHANGES.items():
        change_params(folder, section, **values)
    change_params(folder, "backbone", model=f"networks/{network.name}")
    files.write_text(",".join(COLUMNS) + "\n", folder / TABLE)
    for name in ("experiments", "screening"):
        (folder / name).mkdir()


def run_stages() -> None:
    check.main()
    collect.main(DATA / "corpus")
    extract.main(DATA / "corpus", AUDIO)
    segment.main(AUDIO, CLIPS)
    spectrograms.main(CLIPS, IMAGES)
    parts, predictions, windows = DATA / "split.csv", DATA / "crossval.csv", DATA / "predictions"
    split.main(CLIPS, parts)
    backbone.main(Path("networks"), FOLDER)
    embed.main(CLIPS, IMAGES, FOLDER, EMBEDDINGS)
    crossval.main(IMAGES, EMBEDDINGS, parts, FOLDER, predictions, METRICS / "crossval.json", PLOTS / "crossval")
    field.main(CLIPS, IMAGES, EMBEDDINGS, parts, FOLDER, METRICS / "field.json", PLOTS / "field")
    train.main(IMAGES, EMBEDDINGS, parts, FOLDER, predictions, Path(TABLE), CLASSIFIER, PLOTS / "history.csv")
    export.main(CLASSIFIER, FOLDER, IMAGES, parts, MODELS / "keras")
    evaluate.main(CLASSIFIER, CLIPS, parts, PLOTS / "history.csv", METRICS / "evaluate.json", PLOTS / "evaluate")
    infer.main(CLASSIFIER, AUDIO, windows, METRICS / "infer.json", PLOTS / "unseen")
    tested = PLOTS / "evaluate/predictions.csv"
    crossval_json = METRICS / "crossval.json"
    explain.main(CLASSIFIER, IMAGES, EMBEDDINGS, parts, crossval_json, tested, AUDIO, windows, PLOTS / "why")
    report.main(
        DATA / "corpus",
        AUDIO,
        CLIPS,
        IMAGES,
        windows,
        CLASSIFIER,
        METRICS,
        PLOTS / "crossval",
        PLOTS / "evaluate",
        PLOTS / "field",
        Path("experiments"),
        Path("screening"),
        Path("report.yaml"),
        Path("report"),
    )


def test_embeddings_are_those_of_the_sound_of_every_view(run: Path) -> None:
    assert files.read_json(EMBEDDINGS / "embeddings.json") == {"slices": SLICES, "sizes": [WIDTH]}
    embedder = load_classifier(CLASSIFIER).embedder
    assert isinstance(embedder, CustomEmbedder)
    names = read_table(CLIPS / "clips.csv")["clip"].tolist()
    assert sorted(f"{name}.npy" for name in names) == sorted(
        path.relative_to(EMBEDDINGS).as_posix() for path in EMBEDDINGS.rglob("*.npy")
    )
    for name in names:
        vectors = files.read_array(EMBEDDINGS / f"{name}.npy")
        assert (vectors.shape, vectors.dtype) == ((2, SLICES, WIDTH), np.uint8)
        samples, _ = files.read_sound(CLIPS / f"{name}.wav")
        np.testing.assert_array_equal(vectors[0], embedder.network.embed(samples, SLICES))
        assert (vectors[1] != vectors[0]).any()


def test_a_copy_that_is_made_again_is_the_sound_of_its_image(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: dict[bytes, np.ndarray] = {}
    embedder = load_classifier(CLASSIFIER).embedder
    windows = CustomEmbedder.windows

    def listen(self: CustomEmbedder, samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
        heard[self.spectrogram.image(samples).tobytes()] = samples
        return windows(self, samples, starts)

    monkeypatch.setattr(CustomEmbedder, "windows", listen)
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    embed.main(CLIPS, IMAGES, FOLDER, Path("again"))
    images = [image for path in IMAGES.rglob("*.npy") for image in files.read_array(path)]
    assert isinstance(embedder.spectrogram, MelSpectrogram)
    assert {image.tobytes() for image in images} == heard.keys()


def test_the_classifier_carries_the_network_its_card_and_its_licence(run: Path) -> None:
    card = read_card(CLASSIFIER)
    network = BACKBONE if (FOLDER / BACKBONE).is_file() else ONNX_BACKBONE
    assert {network, NETWORK_CARD} <= card.sha256.keys()
    assert card.backbone is not None
    assert (card.backbone.name, card.backbone.licence) == ("tiny", "CC0-1.0")
    assert ("onnxruntime" in card.versions) == (network == ONNX_BACKBONE)
    assert "tiny (CC0-1.0)" in (run / "report/index.html").read_text(encoding="utf-8")
    assert "Grad-CAM" not in (run / "report/index.html").read_text(encoding="utf-8")


def test_a_window_of_a_recording_is_the_clip_that_is_cut_out_there(run: Path) -> None:
    trained = load_classifier(CLASSIFIER)
    draw = np.random.default_rng(3)
    samples = (0.1 * draw.standard_normal(5 * RATE) * np.linspace(0.1, 2, 5 * RATE)).astype(np.float32)
    windows = trained.predict(samples, RATE, hop_seconds=0.35)
    assert len(windows) == 12
    for row in windows.itertuples():
        start = round(row.start_s * RATE)
        clip = trained.predict(samples[start : start + RATE], RATE)
        assert clip[list(trained.labels)].to_numpy().tolist() == [[row[3], row[4]]]
    assert windows[list(trained.labels)].nunique().min() > 3


def test_screening_gives_what_infer_does_at_any_rate_of_recordings(run: Path) -> None:
    hop_s = CHANGES["infer"]["hop_s"]
    results = project_echo.screen("sounds/unseen", model=CLASSIFIER, output="results", hop_seconds=hop_s, jobs=1)
    expected = read_table(DATA / "predictions/windows.csv")
    labels = list(load_classifier(CLASSIFIER).labels)
    np.testing.assert_allclose(results.windows[labels].to_numpy(), expected[labels].to_numpy(), atol=1e-4)
    samples, _ = soundfile.read(run / "sounds/unseen/long.wav")
    soundfile.write(run / "fast.wav", np.repeat(samples, 3), 3 * RATE)
    assert len(project_echo.screen(run / "fast.wav", model=CLASSIFIER, output=run / "fast", jobs=1).recordings) == 1


@pytest.mark.parametrize("name", ["network", NETWORK_CARD])
def test_a_classifier_whose_network_or_card_was_changed_is_refused(run: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(CLASSIFIER, copy)
    path = copy / (name if name == NETWORK_CARD else next(copy.glob("backbone.[to]*")).name)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(EchoError, match=rf"{path.name} is missing or was changed"):
        load_classifier(copy)


def test_there_is_no_keras_model_and_the_file_says_why(run: Path) -> None:
    assert [path.name for path in (MODELS / "keras").iterdir()] == ["difference.json"]
    assert "custom network" in files.read_json(MODELS / "keras/difference.json")["note"]


def test_figures_of_clips_and_recordings_are_there(run: Path) -> None:
    names = {path.name for path in (PLOTS / "why").iterdir()}
    assert {"confused.png", "example.png", "errors.csv", "long.wav.png", "short.wav.png"} <= names


@pytest.mark.parametrize(
    ("section", "values", "key"),
    [
        ("features", {"sample_rate": 16000}, r"Set features\.sample_rate to 8000"),
        ("train", {"trainable": "all", "head": "dense"}, r"train\.trainable"),
        ("backbone", {"model": "networks/missing.tflite"}, r"missing\.tflite does not exist"),
        ("backbone", {"model": "outside.tflite"}, r"outside\.tflite is outside networks"),
    ],
)
def test_parameters_that_do_not_fit_the_network_stop_the_first_stage(
    run: Path, section: str, values: dict[str, object], key: str
) -> None:
    before = (run / "params.yaml").read_bytes()
    (run / "outside.tflite").touch()
    try:
        change_params(run, section, **values)
        if section == "train":
            change_params(run, "embed", slices=1)
        with pytest.raises(EchoError, match=key) as error:
            check.main()
        assert "\n" not in str(error.value)
    finally:
        (run / "params.yaml").write_bytes(before)


def test_stages_that_train_the_backbone_refuse_a_custom_network(run: Path) -> None:
    before = (run / "params.yaml").read_bytes()
    change_params(run, "train", trainable="all", head="dense")
    parts, out = DATA / "split.csv", Path("refused")
    table = EMBEDDINGS / "embeddings.json"
    single = table.read_bytes()
    files.write_json({"slices": 1, "sizes": [WIDTH]}, table)
    try:
        with pytest.raises(EchoError, match=r"train\.trainable"):
            crossval.main(IMAGES, EMBEDDINGS, parts, FOLDER, out / "a.csv", out / "b.json", out / "plots")
        with pytest.raises(EchoError, match=r"train\.trainable"):
            train.main(IMAGES, EMBEDDINGS, parts, FOLDER, DATA / "crossval.csv", Path(TABLE), out, out / "h.csv")
    finally:
        (run / "params.yaml").write_bytes(before)
        table.write_bytes(single)
    assert not out.exists()


def test_a_network_that_gives_nan_ends_the_stage_with_one_line(run: Path, tmp_path: Path) -> None:
    network = write_tflite(run / "networks" / "bad.tflite", rate=RATE, window_s=NETWORK_S, nan=True)
    before = (run / "params.yaml").read_bytes()
    change_params(run, "backbone", model=f"networks/{network.name}")
    try:
        backbone.main(Path("networks"), tmp_path / "backbone")
        with pytest.raises(EchoError, match="NaN") as error:
            embed.main(CLIPS, IMAGES, tmp_path / "backbone", tmp_path / "embeddings")
    finally:
        (run / "params.yaml").write_bytes(before)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "embeddings").exists()


def test_a_second_run_of_the_stages_writes_the_same_bytes(run: Path, tmp_path: Path) -> None:
    backbone.main(Path("networks"), tmp_path / "backbone")
    embed.main(CLIPS, IMAGES, tmp_path / "backbone", tmp_path / "embeddings")
    for first, second in ((FOLDER, tmp_path / "backbone"), (EMBEDDINGS, tmp_path / "embeddings")):
        names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
        assert names == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
        for name in names:
            assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_copy_of_the_classifier_in_another_process_loads_the_same_network(run: Path) -> None:
    loaded = load_classifier(CLASSIFIER)
    copied = pickle.loads(pickle.dumps(loaded))
    sound = np.random.default_rng(1).normal(0, 0.1, 2 * RATE)
    assert copied.predict(sound, RATE).equals(loaded.predict(sound, RATE))


def test_a_copy_with_other_thresholds_keeps_the_network(run: Path, tmp_path: Path) -> None:
    label = load_classifier(CLASSIFIER).labels[0]
    row = dict(zip(COLUMNS, (label, 0.25, 0.2, 0.3, 0.9, 40, 3), strict=True))
    copy_model(CLASSIFIER, pd.DataFrame([row]), tmp_path / "copy")
    copied = load_classifier(tmp_path / "copy")
    assert copied.thresholds is not None
    assert copied.thresholds[0] == 0.25
    assert read_card(tmp_path / "copy").backbone == read_card(CLASSIFIER).backbone


def test_recordings_of_which_a_network_gives_nan_are_skipped_with_the_reason(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(CLASSIFIER, copy)
    (copy / ONNX_BACKBONE).unlink(missing_ok=True)
    network = write_tflite(run / "networks" / "bad.tflite", rate=RATE, window_s=NETWORK_S, nan=True)
    save_network(network, copy, "backbone")
    card = read_card(copy)
    names = {name for name in card.sha256 if name != ONNX_BACKBONE} | {BACKBONE}
    save_card(card.model_copy(update={"sha256": {name: files.sha256(copy / name) for name in sorted(names)}}), copy)
    with pytest.raises(EchoError, match=r"skipped\.csv"):
        project_echo.screen("sounds/unseen", model=copy, output=tmp_path / "results", jobs=1)
    skipped = read_table(tmp_path / "results/skipped.csv")
    assert len(skipped) == 2
    assert skipped["reason"].str.contains("NaN").all()
