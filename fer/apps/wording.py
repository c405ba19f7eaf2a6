"""What the applications have in common to say, in English and Korean."""

LANGUAGES = {"en": "English", "ko": "한국어"}
"""Languages and their own names."""

ERRORS = {
    "file_too_large": ("The file is larger than 10 MB.", "파일이 10 MB보다 큽니다."),
    "too_many_pixels": ("The photo has more than 25 megapixels.", "사진이 2,500만 화소보다 큽니다."),
    "wrong_type": (
        "This is no picture that can be read. JPEG, PNG, WebP, GIF and BMP can.",
        "읽을 수 있는 그림이 아닙니다. JPEG, PNG, WebP, GIF, BMP만 됩니다.",
    ),
    "damaged": ("The picture is damaged.", "그림이 손상되었습니다."),
    "failed": ("That did not work. Please try again.", "문제가 생겼습니다. 다시 시도해 주세요."),
    "offline": (
        "The server does not answer. Is it still running?",
        "서버가 응답하지 않습니다. 아직 실행 중인가요?",
    ),
    "seats_taken": (
        "All seats for live cameras are taken. Yours starts as soon as one is free …",
        "카메라 자리가 모두 찼습니다. 자리가 나면 바로 시작합니다 …",
    ),
    "no_permission": (
        "The browser does not allow the camera. Allow it at the symbol beside the address, and start again.",
        "브라우저가 카메라를 허용하지 않습니다. 주소 옆 카메라 아이콘을 눌러 허용한 뒤 다시 시작하세요.",
    ),
    "no_camera": ("No camera was found.", "카메라를 찾지 못했습니다."),
    "camera_lost": (
        "The camera was lost. Connect it and start again.",
        "카메라 연결이 끊겼습니다. 다시 연결하고 시작하세요.",
    ),
    "no_seat": (
        "Nothing was heard of you for a while, and your seat was given away. Please start again.",
        "한동안 신호가 없어 자리가 비워졌습니다. 다시 시작해 주세요.",
    ),
    "camera_busy": (
        "The camera cannot be opened. Does another program use it?",
        "카메라를 열 수 없습니다. 다른 프로그램이 쓰고 있나요?",
    ),
    "insecure": (
        "Browsers open a camera only for pages of this computer (127.0.0.1) or over https.",
        "브라우저는 이 컴퓨터의 페이지(127.0.0.1)나 https에서만 카메라를 엽니다.",
    ),
}
"""What a page says of a refusal."""


def texts(*tables: dict[str, tuple[str, str]]) -> dict[str, dict[str, str]]:
    """Returns language → key → text."""
    return {
        language: {key: pair[place] for table in tables for key, pair in table.items()}
        for place, language in enumerate(LANGUAGES)
    }
