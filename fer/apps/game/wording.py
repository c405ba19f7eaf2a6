"""What the laugh game says, in English and Korean."""

from fer import labels
from fer.apps import wording
from fer.apps.game.levels import MODES

NAMES = {emotion: (emotion, labels.korean(emotion)) for emotion in MODES.values()}
"""Names of the emotions."""

TEXTS = {
    "title": ("Laugh game", "웃음 참기 게임"),
    "lead": ("Keep a straight face to the last clip.", "마지막 영상까지 무표정을 유지하세요."),
    "rules": (
        "Clips play while your camera looks on, and you have won when the last one is over. Whoever shows "
        "the emotion above the limit for longer than the level allows, or hides for {grace} seconds of a "
        "level, has lost.",
        "카메라가 지켜보는 동안 영상이 나오고, 마지막 영상까지 참으면 이깁니다. 단계마다 정해진 시간보다 "
        "오래 표정이 한계선을 넘거나 한 단계에서 {grace}초 동안 얼굴을 숨기면 집니다.",
    ),
    "mode": ("Clips", "영상"),
    "funny": ("Funny", "웃긴 영상"),
    "funny_task": ("Do not smile.", "웃으면 안 됩니다."),
    "scary": ("Scary", "무서운 영상"),
    "scary_task": ("Do not look surprised.", "놀라면 안 됩니다."),
    "level": ("First level", "시작 단계"),
    "level_1": ("easy", "쉬움"),
    "level_2": ("medium", "보통"),
    "level_3": ("hard", "어려움"),
    "strictness": (
        "Level {level}: limit {threshold} %, crossed for at most {hold} s",
        "{level}단계: 한계 {threshold}%, 넘는 시간은 최대 {hold}초",
    ),
    "name": ("Name (optional)", "이름 (선택)"),
    "play": ("Start", "시작"),
    "private": (
        "Pictures are read in memory by the computer that serves this page, and are never kept.",
        "카메라 영상은 이 페이지를 제공하는 컴퓨터의 메모리에서만 읽고 저장하지 않습니다.",
    ),
    "best": ("Best times", "최고 기록"),
    "nobody_yet": ("Nobody has played yet.", "아직 아무도 하지 않았습니다."),
    "place": ("#", "순위"),
    "player": ("Name", "이름"),
    "levels": ("Levels", "단계"),
    "seconds": ("Time", "시간"),
    "score": ("Score", "점수"),
    "duration": ("{n} s", "{n}초"),
    "unnamed": ("unnamed", "이름 없음"),
    "won_mark": ("won", "승리"),
    "skipped": (
        "Videos of yours that cannot be played: {names}",
        "재생할 수 없는 내 영상: {names}",
    ),
    "unplayed": (
        "Left out, because this browser cannot play them: {names}",
        "이 브라우저에서 재생할 수 없어 건너뛴 영상: {names}",
    ),
    "opening": ("Allow the camera …", "카메라를 허용해 주세요 …"),
    "making": ("Drawing the clips: {made} of {all}", "영상을 그리는 중: {all}개 중 {made}개"),
    "making_hint": ("Only before the first game.", "첫 게임 전에만 필요합니다."),
    "joining": ("One moment …", "잠시만요 …"),
    "ready": ("Level {level}", "{level}단계"),
    "look": ("Show your face", "얼굴을 보여 주세요"),
    "look_hint": (
        "The game begins as soon as the camera sees you.",
        "카메라에 얼굴이 보이면 시작합니다.",
    ),
    "paused": ("No face in view", "얼굴이 보이지 않습니다"),
    "paused_hint": (
        "Come back within {left} s, or the game is lost.",
        "{left}초 안에 돌아오지 않으면 집니다.",
    ),
    "reconnecting": ("The connection falters …", "연결이 불안정합니다 …"),
    "limit": ("limit {threshold} %", "한계 {threshold}%"),
    "clock": ("above the limit", "한계를 넘은 시간"),
    "progress": ("Level {level} · clip {clip} of {all}", "{level}단계 · 영상 {clip}/{all}"),
    "rate": ("{rate} frames/s", "초당 {rate}프레임"),
    "stop": ("Stop", "그만하기"),
    "lost_funny": ("You smiled!", "웃었습니다!"),
    "lost_scary": ("You looked surprised!", "놀랐습니다!"),
    "lost_hidden": ("Hiding does not count", "숨으면 안 됩니다"),
    "won": ("You have won!", "이겼습니다!"),
    "lost_emotion_why": (
        "The emotion stayed above {threshold} % for longer than {hold} s.",
        "표정이 {hold}초 넘게 {threshold}% 위에 있었습니다.",
    ),
    "lost_hidden_why": (
        "No face was seen for {grace} s of level {level}.",
        "{level}단계에서 {grace}초 동안 얼굴이 보이지 않았습니다.",
    ),
    "won_why": (
        "All {all} clips, and never above the limit for too long.",
        "영상 {all}개를 모두 참았습니다.",
    ),
    "of": ("of 1000 points", "/ 1000점"),
    "survived": ("{seconds} s · {passed} of {all} clips", "{seconds}초 · 영상 {passed}/{all}개"),
    "curve": ("The last {seconds} seconds", "마지막 {seconds}초"),
    "curve_hint": (
        "Line: the smoothed probability of “{emotion}”. Dashed: the limit.",
        "선: 부드럽게 한 ‘{emotion}’ 확률. 점선: 한계.",
    ),
    "replay": ("Replay", "다시 보기"),
    "lost_here": ("lost", "패배"),
    "hidden_here": ("hidden", "숨음"),
    "again": ("Play again", "다시 하기"),
    "home": ("Other clips or level", "영상이나 단계 바꾸기"),
    "not_saved": (
        "The best times could not be written to the disk.",
        "최고 기록을 디스크에 쓰지 못했습니다.",
    ),
}

ERRORS = wording.ERRORS | {
    "seats_taken": (
        "All places are taken. You play as soon as one is free …",
        "자리가 모두 찼습니다. 자리가 나면 바로 시작합니다 …",
    ),
    "no_clips": (
        "The clips could not be made. Is the disk full? The terminal says more.",
        "영상을 만들지 못했습니다. 디스크가 가득 찼나요? 터미널에 자세한 내용이 있습니다.",
    ),
    "camera_lost": (
        "The camera was lost, and the game is over. Connect it and start again.",
        "카메라 연결이 끊겨 게임이 끝났습니다. 다시 연결하고 시작하세요.",
    ),
}
"""What the page says of a refusal."""
