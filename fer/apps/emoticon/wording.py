"""What the emoticon generator says, in English and Korean."""

from fer import labels
from fer.apps.emoticon.drawing import Emoticon
from fer.apps.wording import LANGUAGES

NAMES = {
    "none": ("none", "없음"),
    "glasses": ("glasses", "안경"),
    "sunglasses": ("sunglasses", "선글라스"),
    "mask": ("mask", "마스크"),
    "no_mask": ("no mask", "마스크 없음"),
    "skin_tone": ("skin tone", "피부톤"),
    "measured": ("as measured", "측정한 대로"),
    "unknown": ("unknown", "알 수 없음"),
    "round": ("round", "둥근"),
    "square": ("square", "네모난"),
    "bald": ("no hair", "머리 없음"),
    "short": ("short", "짧은 머리"),
    "side_part": ("side part", "옆가르마"),
    "fringe": ("fringe", "앞머리"),
    "long": ("long", "긴 머리"),
    "curly": ("curly", "곱슬머리"),
    "receding": ("receding", "벗어진 머리"),
    "black": ("black", "검정"),
    "dark_brown": ("dark brown", "진갈색"),
    "brown": ("brown", "갈색"),
    "auburn": ("auburn", "적갈색"),
    "blond": ("blond", "금발"),
    "gray": ("gray", "회색"),
    "white": ("white", "흰색"),
    "stubble": ("stubble", "짧은 수염"),
    "moustache": ("moustache", "콧수염"),
    "goatee": ("goatee", "턱수염"),
    "full": ("full beard", "덥수룩한 수염"),
} | {emotion: (emotion, labels.korean(emotion)) for emotion in labels.FERPLUS}
"""Names of what a face shows and wears."""

TEXTS = {
    "title": ("Emoticon generator", "이모티콘 만들기"),
    "lead": (
        "A photo or your camera in, an emoticon for every face out: emotion, glasses, mask and skin tone.",
        "사진이나 카메라 속 얼굴마다 감정, 안경, 마스크, 피부톤을 담은 이모티콘을 그립니다.",
    ),
    "choose": ("Choose a photo", "사진 고르기"),
    "start": ("Start camera", "카메라 켜기"),
    "stop": ("Stop camera", "카메라 끄기"),
    "hint": ("Drop or paste a photo here.", "사진을 여기에 끌어다 놓거나 붙여 넣으세요."),
    "examples": ("Examples (drawn faces)", "예시 (그린 얼굴)"),
    "private": (
        "Pictures are read in memory by the computer that serves this page, and are never kept.",
        "사진은 이 페이지를 제공하는 컴퓨터의 메모리에서만 읽고 저장하지 않습니다.",
    ),
    "face": ("Face", "얼굴"),
    "emotion": ("Emotion", "감정"),
    "strength": ("Strength", "세기"),
    "glasses_label": ("Glasses", "안경"),
    "mask_label": ("Mask", "마스크"),
    "tone_label": ("Skin tone", "피부톤"),
    "frame_label": ("Frame", "안경테"),
    "hair_style_label": ("Hair", "머리"),
    "hair_color_label": ("Hair colour", "머리색"),
    "beard_label": ("Beard", "수염"),
    "yes": ("yes", "예"),
    "no": ("no", "아니요"),
    "correct": ("Correct by hand", "직접 고치기"),
    "copy": ("Copy as text", "글자로 복사"),
    "copied": ("Copied", "복사했습니다"),
    "step": ("step {tone} of 10, range {range}", "10단계 중 {tone}, 범위 {range}"),
    "no_tone": ("not measurable in this picture", "이 사진에서는 잴 수 없음"),
    "working": ("Looking for faces …", "얼굴을 찾는 중 …"),
    "found": ("Faces found: {n}", "찾은 얼굴: {n}"),
    "nobody": (
        "No face found. A face should be upright, well lit and at least 24 pixels high.",
        "얼굴을 찾지 못했습니다. 얼굴이 바로 서 있고 밝으며 24픽셀 이상이어야 합니다.",
    ),
    "rate": ("Faces: {n} · {rate} frames/s", "얼굴: {n} · 초당 {rate}프레임"),
    "many": ("The {n} largest of {all} faces are shown.", "얼굴 {all}개 중 큰 {n}개를 보여 줍니다."),
}


def describe(emoticon: Emoticon, language: str = "en") -> str:
    """Returns an emoticon as text: characters, emoji and words.

    Example:
        >>> describe(Emoticon({"happy": 0.9}, glasses="sunglasses", skin_tone=5))
        'B-) 🧑🏽😀🕶️ happy, sunglasses, no mask, skin tone 5/10'
    """
    place = list(LANGUAGES).index(language)
    emotion = max(emoticon.emotions, key=emoticon.emotions.get, default="neutral")
    worn = [NAMES[emoticon.glasses][place]] if emoticon.glasses != "none" else []
    mask = NAMES["mask" if emoticon.mask else "no_mask"][place]
    words = [NAMES.get(emotion, (emotion, emotion))[place], *worn, mask]
    person, things = "🧑", {"glasses": "👓", "sunglasses": "🕶️"}.get(emoticon.glasses, "")
    if emoticon.skin_tone is not None:
        words.append(f"{NAMES['skin_tone'][place]} {emoticon.skin_tone}/10")
        person += "🏻🏼🏽🏾🏿"[(emoticon.skin_tone - 1) // 2]  # five modifiers of Unicode for ten steps
    emoji = person + _EMOJI.get(emotion, "🙂") + things + ("😷" if emoticon.mask else "")
    return f"{_characters(emotion, emoticon)} {emoji} {', '.join(words)}"


_EMOJI = {
    "angry": "😠",
    "disgust": "🤢",
    "fear": "😨",
    "happy": "😀",
    "sad": "😢",
    "surprise": "😮",
    "neutral": "😐",
    "contempt": "😒",
}
_MOUTHS = {
    "angry": "(",
    "disgust": "&",
    "fear": "S",
    "happy": ")",
    "sad": "(",
    "surprise": "O",
    "neutral": "|",
    "contempt": "/",
}


def _characters(emotion: str, emoticon: Emoticon) -> str:
    eyes = {"none": ":", "glasses": "8", "sunglasses": "B"}[emoticon.glasses]
    brow = ">" if emotion == "angry" else ""
    tear = "'" if emotion == "sad" else ""
    mouth = "#" if emoticon.mask else _MOUTHS.get(emotion, "]")
    return f"{brow}{eyes}{tear}-{mouth}"
