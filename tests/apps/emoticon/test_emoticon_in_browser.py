"""The emoticon generator as its users meet it: in a browser, with a camera."""

import json
import time
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from fer import synthetic

SECONDS = 60


@pytest.fixture(scope="module")
def server(serve):
    return serve("fer.apps.emoticon", "--live-users", "1", "--detector", "yolo")


@pytest.fixture(scope="module")
def address(server):
    return server.address


@pytest.fixture(scope="module")
def smiling(film):
    """A camera before somebody who goes away now and then, and comes back with a smile."""
    return film(("neutral", 1, 3), (None, 1, 2.5), ("happy", 1, 4))


@pytest.fixture(scope="module")
def browser(open_browser, smiling):
    return open_browser(smiling)


@pytest.fixture
def page(browser, address):
    return opened(browser, address)


@pytest.fixture
def photo(tmp_path):
    """A photo of somebody happy with sunglasses."""
    path = tmp_path / "holiday.png"
    portrait = synthetic.render(synthetic.face("happy", accessory="sunglasses", skin_tone=6), 320).images[0]
    Image.fromarray(portrait).save(path)
    return path


def opened(browser, address):
    browser.get(f"{address}?__theme=light")
    until(browser, lambda: part(browser, "live").text)
    if part(browser, "live").text != "Start camera":
        browser.find_element(By.CSS_SELECTOR, "[data-language=en]").click()
    return browser


def until(browser, condition, seconds=SECONDS):
    # A page that is drawn again may take an element away while it is looked at.
    waiting = WebDriverWait(browser, seconds, 0.1, [NoSuchElementException, StaleElementReferenceException])
    return waiting.until(lambda _: condition())


def part(browser, name):
    return browser.find_element(By.CSS_SELECTOR, f"[data-part={name}]")


def cards(browser):
    return browser.find_elements(By.CSS_SELECTOR, ".card")


def share(browser, name):
    """The percentage beside a name in the first card."""
    path = f"//span[.='{name}']/following-sibling::output"
    return int(browser.find_element(By.XPATH, path).get_attribute("textContent").rstrip("%"))


def upload(browser, path):
    part(browser, "file").send_keys(str(path))


def button(browser, text):
    return browser.find_element(By.XPATH, f"//article//button[.='{text}']")


def saved(browser, suffix):
    """Waits for a file that the browser saves."""
    return until(browser, lambda: next(browser.downloads.glob(f"*{suffix}"), None))


def choose(browser, field, value):
    """Corrects the first card by hand; that of a live face may go and come back meanwhile."""

    def done():
        browser.execute_script("arguments[0].open = true", browser.find_element(By.TAG_NAME, "details"))
        Select(browser.find_element(By.CSS_SELECTOR, f"[data-field={field}]")).select_by_value(value)
        return True

    until(browser, done)


def mouth(browser):
    """The line between the lips of the first emoticon."""
    return browser.find_element(By.CSS_SELECTOR, ".drawing path.lip_line").get_attribute("d")


def classes(browser):
    """What the emoticons are drawn of."""
    script = "return [...document.querySelectorAll('.drawing path')].map(path => path.getAttribute('class'))"
    return set(browser.execute_script(script))


def test_a_photo_becomes_an_emoticon_that_is_saved_and_copied(page, photo):
    upload(page, photo)
    until(page, lambda: cards(page))
    assert part(page, "status").text == "Faces found: 1"
    assert share(page, "happy") > 50 and share(page, "sunglasses") > 50 and share(page, "mask") < 50
    assert "dark_lens" in classes(page) and "mask" not in classes(page)
    button(page, "SVG").click()
    root = ElementTree.parse(saved(page, "emoticon_1.svg")).getroot()
    assert root.get("viewBox") == "0 0 1000 1000"
    Select(page.find_element(By.CSS_SELECTOR, ".buttons select")).select_by_value("128")
    button(page, "PNG").click()
    with Image.open(saved(page, "emoticon_1_128.png")) as image:
        pixels = np.asarray(image.convert("RGBA"))
    assert pixels.shape == (128, 128, 4)
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1], 3] == 0).all()  # transparent around the face
    assert pixels[30, 64, 3] == 255  # and the forehead is not
    button(page, "Copy as text").click()
    copied = until(
        page, lambda: [b.text for b in page.find_elements(By.TAG_NAME, "button") if "Copied" in b.text]
    )
    assert "B-)" in copied[0] and "happy, sunglasses, no mask" in copied[0]


def test_what_is_corrected_by_hand_is_drawn(page, photo):
    upload(page, photo)
    until(page, lambda: cards(page))
    page.find_element(By.CSS_SELECTOR, "summary").click()
    for field, value, role, drawn in (
        ("glasses_label", "none", "dark_lens", False),
        ("mask_label", "true", "mask", True),
        ("hair_style_label", "curly", "hair", True),
    ):
        choose(page, field, value)
        until(page, lambda role=role, drawn=drawn: (role in classes(page)) == drawn)
    page.find_elements(By.CSS_SELECTOR, ".tones button")[8].click()
    until(page, lambda: "skin-9" in page.find_element(By.CSS_SELECTOR, ".drawing").get_attribute("innerHTML"))
    before = page.find_element(By.CSS_SELECTOR, ".drawing").get_attribute("innerHTML")
    choose(page, "emotion", "angry")
    until(page, lambda: page.find_element(By.CSS_SELECTOR, ".drawing").get_attribute("innerHTML") != before)
    assert "dark_lens" not in classes(page) and "mask" in classes(page)  # what was chosen stays


def test_bad_files_get_a_reason_and_the_page_goes_on(page, photo, tmp_path):
    for name, content, reason in (
        ("notes.png", b"no picture", "no picture that can be read"),
        ("cut.png", photo.read_bytes()[:9000], "damaged"),
        ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that can be read"),
        ("large.jpg", bytes(10 * 2**20 + 1), "larger than 10 MB"),
        ("bomb.png", _bomb(), "25 megapixels"),
    ):
        (tmp_path / name).write_bytes(content)
        upload(page, tmp_path / name)
        until(page, lambda reason=reason: reason in part(page, "status").text)
        assert not cards(page)
    upload(page, photo)
    until(page, lambda: cards(page))


@pytest.mark.parametrize(
    "event", ["ClipboardEvent('paste', {bubbles, clipboardData})", "DragEvent('drop', {dataTransfer})"]
)
def test_a_photo_can_be_pasted_and_dropped(page, event):
    page.execute_script(
        f"""
        const [bubbles, clipboardData] = [true, new DataTransfer()];
        const dataTransfer = clipboardData;
        const example = document.querySelector("[data-part=examples] img").src;
        fetch(example).then((answer) => answer.blob()).then((blob) => {{
          dataTransfer.items.add(new File([blob], "photo.jpg", {{ type: blob.type }}));
          document.querySelector("[data-part=stage]").dispatchEvent(new {event});
        }});
        """
    )
    until(page, lambda: part(page, "status").text == "Faces found: 1" and len(cards(page)) == 1)


def test_the_photo_that_was_chosen_last_is_shown_though_its_answer_comes_first(page):
    page.execute_script(
        """
        const ask = window.fetch;
        window.fetch = async (...request) => {
          const answer = await ask(...request);
          if (String(request[0]).includes("component_server") && !window.release) {
            await new Promise((resolve) => { window.release = resolve; });
          }
          return answer;
        };
        """
    )
    one, _, three = part(page, "examples").find_elements(By.TAG_NAME, "button")
    three.click()
    until(page, lambda: page.execute_script("return Boolean(window.release)"))
    one.click()
    until(page, lambda: part(page, "status").text == "Faces found: 1")
    page.execute_async_script("window.release(); setTimeout(arguments[0], 300)")
    assert part(page, "status").text == "Faces found: 1" and len(cards(page)) == 1


def test_the_live_emoticon_follows_the_face_and_keeps_what_was_chosen(page):
    part(page, "live").click()
    calm = until(page, lambda: share(page, "happy") < 40 and mouth(page))
    choose(page, "hair_style_label", "curly")
    until(page, lambda: "hair" in classes(page))
    until(page, lambda: share(page, "happy") > 60)
    until(page, lambda: "hair" in classes(page))  # though nobody was there for a while
    assert "frames/s" in part(page, "status").text
    part(page, "live").click()
    assert part(page, "live").text == "Start camera"
    until(page, lambda: not part(page, "video").is_displayed())
    smile = mouth(page)
    assert smile != calm
    choose(page, "hair_style_label", "bald")
    until(page, lambda: "hair" not in classes(page))
    assert mouth(page) == smile


def test_a_camera_that_is_no_longer_wanted_when_it_is_allowed_is_closed(page):
    page.execute_script(
        """
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (...wanted) => {
          await new Promise((resolve) => { window.allow = resolve; });
          return window.given = await ask(...wanted);
        };
        """
    )
    part(page, "live").click()
    until(page, lambda: page.execute_script("return Boolean(window.allow)"))
    part(page, "live").click()
    page.execute_script("window.allow()")
    state = "return window.given?.getTracks()[0].readyState"
    until(page, lambda: page.execute_script(state) == "ended")
    assert part(page, "live").text == "Start camera" and not part(page, "video").is_displayed()


def test_a_second_camera_waits_for_its_seat(page, address, open_browser, smiling):
    part(page, "live").click()
    until(page, lambda: cards(page))
    other = opened(open_browser(smiling, size=(390, 844)), address)
    part(other, "live").click()
    until(other, lambda: "seats" in part(other, "status").text)
    assert not cards(other)
    part(page, "live").click()
    until(other, lambda: cards(other))
    width = other.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]  # nothing sticks out on a phone
    part(other, "live").click()
    other.quit()


@pytest.mark.parametrize(("camera", "reason"), [("denied", "does not allow"), ("none", "No camera")])
def test_without_a_camera_the_page_says_so(open_browser, address, camera, reason):
    browser = opened(open_browser(camera=camera), address)
    part(browser, "live").click()
    until(browser, lambda: reason in part(browser, "status").text)
    assert part(browser, "live").text == "Start camera"
    browser.quit()


def test_korean(page, photo):
    upload(page, photo)
    until(page, lambda: cards(page))
    page.find_element(By.CSS_SELECTOR, "[data-language=ko]").click()
    assert page.find_element(By.TAG_NAME, "h1").text == "이모티콘 만들기"
    assert share(page, "기쁨") > 50 and share(page, "선글라스") > 50
    page.find_element(By.CSS_SELECTOR, "[data-language=en]").click()


def test_nothing_is_fetched_from_elsewhere_and_nothing_fails(browser, address):
    """Looks at what the tests before this one did in the browser, too."""
    opened(browser, address)
    time.sleep(1)
    urls = [
        message["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"] == "Network.requestWillBeSent"
    ]
    assert any(url.startswith(address) for url in urls)
    assert [url for url in urls if not url.startswith((address, "data:", "blob:"))] == []
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_no_picture_is_written(server, browser, address, photo):
    """The server's own folder for temporary files stays empty while photos and frames come in."""
    page = opened(browser, address)
    upload(page, photo)
    until(page, lambda: cards(page))
    part(page, "live").click()
    until(page, lambda: "frames/s" in part(page, "status").text)
    part(page, "live").click()
    assert [path for path in server.folder.rglob("*") if path.is_file()] == [server.log]
    log = server.log.read_text()
    assert "data:image" not in log and "Traceback" not in log and len(log) < 2000


def _bomb():
    """A small PNG file of many pixels."""
    import io

    with io.BytesIO() as file:
        Image.new("1", (6000, 5000)).save(file, "PNG")
        return file.getvalue()
