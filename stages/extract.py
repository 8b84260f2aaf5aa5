"""Decode every recording, audio or video, to mono WAV at one sample rate; list what cannot be used, with the reason.

python stages/extract.py data/corpus data/audio
"""

from pathlib import Path

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.parallel import map_all
from project_echo.features.config import Features
from project_echo.media import decode
from project_echo.media.errors import UnusableMediaError
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run


def main(corpus: Path, audio: Path) -> None:
    recordings = files.read_table(corpus / "recordings.csv")
    rate = load_params("features", Features).sample_rate
    with files.atomic_folder(audio) as temporary:
        jobs = [(corpus / name, rate, temporary / f"{name}.wav") for name in recordings["recording"]]
        results = pd.DataFrame(map_all(extract, jobs, "extract"), columns=["duration_s", "reason"])
        table = recordings.join(results)
        usable = table["reason"] == ""
        # By their original names, which people know.
        refused = table.loc[~usable, ["original", "reason"]].rename(columns={"original": "recording"})
        skipped = pd.concat([files.read_table(corpus / "skipped.csv"), refused])
        labelled = table[~table["unseen"]]
        lost = sorted(set(labelled["label"]) - set(labelled.loc[usable, "label"]))
        if lost:
            reasons = labelled.loc[labelled["label"].isin(lost), "reason"].value_counts()
            raise EchoError(
                f"class {', '.join(lost)} has no usable recording: "
                f"{'; '.join(f'{reason} ({n})' for reason, n in reasons.items())}. Put others in the corpus, or "
                "remove the class."
            )
        files.write_table(table.loc[usable].drop(columns=["reason", "original"]), temporary / "audio.csv")
        files.write_table(skipped, temporary / "skipped.csv")
    print(
        f"{usable.sum()} recordings, {table['duration_s'].sum() / 60:.1f} minutes, {len(skipped)} skipped "
        f"({audio / 'skipped.csv'})"
    )


def extract(recording: Path, rate: int, wav: Path) -> tuple[float, str]:
    """Decode one recording to `wav`; its duration in seconds, and the reason if it cannot be used."""
    try:
        samples = decode.decode(recording, rate)
    except UnusableMediaError as error:
        return 0.0, str(error)
    files.write_sound(samples, rate, wav)
    return len(samples) / rate, ""


if __name__ == "__main__":
    run(main)
