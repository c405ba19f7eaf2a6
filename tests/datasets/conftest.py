from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CLASSES = ("Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")


@pytest.fixture
def faces():
    """Forty random gray faces, uint8, (40, 48, 48)."""
    return np.random.default_rng(0).integers(0, 256, size=(40, 48, 48), dtype=np.uint8)


@pytest.fixture
def csv_lines(faces):
    """The lines of a FER-2013 csv: face n has emotion n mod 7; 30 Training, 5 PublicTest, 5 PrivateTest."""
    usages = ["Training"] * 30 + ["PublicTest"] * 5 + ["PrivateTest"] * 5
    rows = [
        f"{number % 7},{' '.join(map(str, face.ravel()))},{usage}"
        for number, (face, usage) in enumerate(zip(faces, usages, strict=True))
    ]
    return ["emotion,pixels,Usage", *rows]


@pytest.fixture(scope="session")
def draw_face():
    """A function that draws a tiny gray face, another one each time, into a file and makes its folders."""
    random = np.random.default_rng(0)

    def draw(path: Path) -> Path:
        face = np.full((16, 16), random.integers(150, 250), dtype=np.uint8)
        face[5, [4, 11]] = 0  # eyes
        face[11, 4:12] = random.integers(0, 120, size=8)  # mouth
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(face).save(path)
        return path

    return draw


@pytest.fixture(scope="session")
def layouts(draw_face):
    """The true layout of each data set that has to be asked for: name → function(folder) that makes it."""

    def ckplus(root):
        """Fourteen people, each with a labelled sequence of six frames, of number 1 to 7, and another."""
        for person in range(14):
            for sequence in ("001", "002"):
                place = Path(f"S{person + 5:03}", sequence)
                for frame in range(1, 7):
                    name = f"S{person + 5:03}_{sequence}_{frame:08}.png"
                    draw_face(root / "cohn-kanade-images" / place / name)
                (root / "Emotion" / place).mkdir(parents=True)
            label = root / "Emotion" / f"S{person + 5:03}/001/S{person + 5:03}_001_00000006_emotion.txt"
            label.write_text(f"   {person % 7 + 1:.7e}\n")

    def mmi(root):
        """Five people, each with two frames of each class."""
        for person in range(1, 6):
            for number, emotion in enumerate(("angry", "frown", "sad", "smile", "surprise")):
                for frame in (40, 41):
                    draw_face(root / emotion / f"S{person:03}-{number + 1:03}_{frame:05}.jpg")

    def kdef(root):
        """Five women and five men in both sessions, each emotion from two angles."""
        for session in "AB":
            for person in [f"{sex}{number:02}" for sex in "FM" for number in range(1, 6)]:
                for emotion in ("AF", "AN", "DI", "HA", "NE", "SA", "SU"):
                    for angle in ("S", "HR"):
                        draw_face(root / f"{session}{person}" / f"{session}{person}{emotion}{angle}.JPG")

    def jaffe(root):
        """Ten people, each emotion twice."""
        for number, person in enumerate(("KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM")):
            for position, emotion in enumerate(("AN", "DI", "FE", "HA", "NE", "SA", "SU")):
                for turn in (1, 2):
                    draw_face(root / f"{person}.{emotion}{turn}.{number * 14 + position * 2 + turn}.tiff")

    def sfew(root):
        """Ten films in Train and three in Val, every class once, and five test images without a class."""
        for split, films in (("Train", 10), ("Val", 3)):
            for film in range(films):
                for number, emotion in enumerate(CLASSES):
                    name = f"{split}_Film_{film}_00051924{number}_0000000{number}.png"
                    draw_face(root / split / f"{split}_Aligned_Faces" / emotion / name)
        for number in range(5):
            draw_face(root / "Test" / "Test_Aligned_Faces" / f"00051924{number}.png")

    def rafdb(root):
        """Seventy images to train and fourteen to test; number n has emotion n mod 7 + 1."""
        lines = [
            f"{split}_{number:0{digits}}.jpg {number % 7 + 1}"
            for split, count, digits in (("train", 70, 5), ("test", 14, 4))
            for number in range(1, count + 1)
        ]
        (root / "EmoLabel").mkdir(parents=True)
        (root / "EmoLabel" / "list_patition_label.txt").write_text("\n".join(lines) + "\n")
        for line in lines:
            draw_face(root / "Image" / "aligned" / line.split()[0].replace(".jpg", "_aligned.jpg"))

    def affectnet(root):
        """Eighty-eight rows to train, eleven to validate; number n has expression n mod 11."""
        folder = root / "Manually_Annotated_file_lists"
        folder.mkdir(parents=True)
        header = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,"
        for name, subfolder, count in (("training", 1, 88), ("validation", 2, 11)):
            rows = [
                f"{subfolder}/{n:03}.jpg,1,2,12,13,4.5;6.7,{n % 11},{n / 100 - 0.5:.2f},0.25"
                for n in range(count)
            ]
            if name == "training":
                rows.insert(0, header + "valence,arousal")
            (folder / f"{name}.csv").write_text("\n".join(rows) + "\n")
            for n in range(count):
                draw_face(root / "Manually_Annotated_Images" / str(subfolder) / f"{n:03}.jpg")

    makers = (ckplus, mmi, kdef, jaffe, sfew, rafdb, affectnet)
    return {maker.__name__: maker for maker in makers}


@pytest.fixture(scope="session")
def trees(layouts, tmp_path_factory):
    """The folder of each of these data sets, name → path. Only for reading."""
    folder = tmp_path_factory.mktemp("trees")
    for name, make in layouts.items():
        make(folder / name)
    return {name: folder / name for name in layouts}
