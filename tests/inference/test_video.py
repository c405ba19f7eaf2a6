"""Frames and times of video files."""

import cv2
import numpy as np
import pytest

from fer.inference import video


@pytest.mark.parametrize(
    "name, codec", [("a.avi", "MJPG"), ("a.mp4", "mp4v"), ("a.mkv", "MJPG"), ("a.webm", "VP80")]
)
def test_frames_are_rgb_and_come_with_their_times(tmp_path, name, codec):
    colors = [(250, 20, 20), (20, 250, 20), (20, 20, 250)]
    writer = cv2.VideoWriter(str(tmp_path / name), cv2.VideoWriter.fourcc(*codec), 25, (64, 48))
    for color in colors:
        writer.write(np.full((48, 64, 3), color[::-1], dtype=np.uint8))
    writer.release()
    times, frames = zip(*video.read(tmp_path / name), strict=True)
    assert times == pytest.approx([0, 0.04, 0.08], abs=1e-3)
    for frame, color in zip(frames, colors, strict=True):
        assert frame.shape == (48, 64, 3) and frame.dtype == np.uint8
        assert frame[24, 32] == pytest.approx(color, abs=25)
