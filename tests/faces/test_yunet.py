"""YuNet with a network that is made up, and the way its weights come: from a file, the cache or a server."""

import hashlib
import http.server
import threading

import cv2
import numpy as np
import pytest

from fer import faces, paths
from fer.faces import yunet
from fer.faces.yunet import YuNet

CONTENT = bytes(range(256)) * 9
"""Stands for the weights."""


class Network:
    """Stands for OpenCV's: one row a face, box, five points, score."""

    def __init__(self, framework, weights, *arguments):
        self.framework, self.weights = framework, weights.tobytes()

    def setInputSize(self, size):
        self.size = size

    def detect(self, image):
        self.image = image
        row = [10, 20, 30, 40, *(11, 21), *(31, 22), *(20, 30), *(13, 41), *(29, 42), 0.9]
        return 1, np.array([row], dtype=np.float32)


class Server(http.server.ThreadingHTTPServer):
    """Gives ``answer``: a status and a body, or nothing at all; counts the requests."""

    def __init__(self):
        self.answer, self.requests, self.stop = (200, CONTENT), 0, threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        if self.server.answer is None:
            self.server.stop.wait(10)
            return
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    monkeypatch.setattr(cv2.FaceDetectorYN, "create", Network)
    monkeypatch.setattr(yunet, "SHA256", hashlib.sha256(CONTENT).hexdigest())
    monkeypatch.setattr(yunet, "BYTES", len(CONTENT))


@pytest.fixture
def server(monkeypatch):
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(yunet, "URL", f"http://127.0.0.1:{server.server_port}/{yunet.WEIGHTS}")
        monkeypatch.setenv("no_proxy", "*")
        yield server
        server.stop.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.onnx"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def in_cache():
    return paths.cache() / "detectors" / yunet.WEIGHTS


def test_box_landmarks_and_score_are_the_networks(weights):
    detector = YuNet(weights=weights)
    (face,) = detector.detect(np.zeros((90, 80, 3), dtype=np.uint8))
    assert detector._network.size == (80, 90)
    assert face.box == (10, 20, 30, 40)
    assert face.score == pytest.approx(0.9)
    assert face.landmarks == {
        "left_eye": (11, 21),
        "right_eye": (31, 22),
        "nose": (20, 30),
        "mouth_left": (13, 41),
        "mouth_right": (29, 42),
    }


def test_the_network_sees_bgr(weights):
    detector = YuNet(weights=weights)
    detector.detect(np.full((30, 30, 3), (255, 0, 7), dtype=np.uint8))
    assert detector._network.image[0, 0].tolist() == [7, 0, 255]


def test_a_given_file_is_what_the_network_gets(weights, server):
    network = YuNet(weights=str(weights))._network
    assert (network.framework, network.weights) == ("onnx", CONTENT)
    assert server.requests == 0 and not faces.DETECTORS["yunet"].is_available()


def test_a_missing_file_says_where_the_weights_are_from(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*missing\.onnx.*opencv_zoo"):
        YuNet(weights=tmp_path / "missing.onnx")


def test_another_file_is_refused(tmp_path):
    pointer = tmp_path / yunet.WEIGHTS
    pointer.write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(ValueError, match=r"`weights` must be face_detection.*Received: .*, 43 bytes"):
        YuNet(weights=pointer)


def test_the_weights_are_downloaded_once(server, in_cache):
    assert "yunet" not in faces.available() and server.requests == 0
    assert faces.detector("yunet")._network.weights == CONTENT
    assert in_cache.read_bytes() == CONTENT
    assert [path.name for path in in_cache.parent.iterdir()] == [yunet.WEIGHTS]
    assert faces.detector("yunet", 0.3).threshold == 0.3
    assert server.requests == 1
    assert "yunet" in faces.available()


def test_weights_put_there_by_hand_need_no_network(server, in_cache):
    in_cache.parent.mkdir(parents=True)
    in_cache.write_bytes(CONTENT)
    assert faces.best() == "yunet"
    assert faces.detector()._network.weights == CONTENT
    assert server.requests == 0


def test_a_damaged_file_in_the_cache_does_not_count_and_is_replaced(server, in_cache):
    in_cache.parent.mkdir(parents=True)
    in_cache.write_bytes(CONTENT[:100])
    assert faces.best() != "yunet"
    assert YuNet()._network.weights == CONTENT == in_cache.read_bytes()


@pytest.mark.parametrize(
    "answer, reason",
    [
        ((404, b"x" * len(CONTENT)), "HTTP Error 404"),
        ((200, b"x" * len(CONTENT)), "its address gave another file, which was not kept"),
        ((200, CONTENT[:1000]), "its address gave another file|IncompleteRead|more expected"),
        (None, "timed out|could not be downloaded"),
    ],
    ids=["not found", "wrong", "cut off", "silent"],
)
def test_a_download_that_fails_leaves_nothing_and_says_what_to_do(
    server, in_cache, answer, reason, monkeypatch
):
    monkeypatch.setattr(yunet, "TIMEOUT", 0.2)
    server.answer = answer
    with pytest.raises(FileNotFoundError, match=reason) as error:
        YuNet()
    assert f"Download {yunet.URL} in a browser and put it at {in_cache}" in str(error.value)
    assert not in_cache.parent.exists()


def test_without_a_network_the_error_says_what_to_do(server, in_cache):
    server.server_close()
    with pytest.raises(FileNotFoundError, match=f"could not be downloaded .* put it at {in_cache}"):
        YuNet()


def test_the_address_is_that_of_the_file_itself_not_of_its_git_lfs_pointer(monkeypatch):
    monkeypatch.undo()
    assert yunet.URL.startswith("https://media.githubusercontent.com/media/opencv/opencv_zoo/")
    assert yunet.URL.endswith("/models/face_detection_yunet/face_detection_yunet_2023mar.onnx")
    assert len(yunet.SHA256) == 64 and yunet.BYTES == 232_589
