"""Where a model's parts are on disk, and whether they are all there; read without torch.

Three layouts load: one folder with everything (combined), a folder with `prior/` and `decoder/` in
it, and a decoder's folder with its prior beside it, as the hub keeps Kandinsky 2.2. In the last the
prior is the one that README.md names in its front matter (`prior:`), else the sibling `*-prior`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.errors import Unavailable

INDEX = "model_index.json"
HEADER_LENGTH_BYTES = 8
MAX_HEADER = 100_000_000
"""What the safetensors format itself allows for its header, in bytes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """whole: the folder with every part, or the decoder's where the prior has its own.

    prior: the prior's own folder. inpainter: of a decoder made for inpainting, lying beside.
    """

    whole: Path
    prior: Path | None = None
    inpainter: Path | None = None

    @property
    def index(self) -> dict[str, Any]:
        return read_index(self.whole)

    def check(self) -> None:
        """Raise Unavailable, one line, where a part is missing or its weights are cut short."""
        for folder in (self.whole, self.prior, self.inpainter):
            if folder is not None:
                check_parts(folder)


def layout_of(folder: Path) -> Layout:
    """Raises Unavailable where there is no pipeline in it, or a decoder without its prior."""
    if (folder / "decoder" / INDEX).is_file() and not (folder / INDEX).exists():
        return _split(folder / "decoder", _existing(folder / "prior"), folder / "inpaint")
    index = read_index(folder)
    if "Prior" in index["_class_name"]:
        raise Unavailable("local", f"{folder}: a prior alone; name its decoder instead")
    if not _is_decoder(index):
        return Layout(folder)
    prior = _named_prior(folder) or _sibling_prior(folder)
    return _split(folder, prior, folder.with_name(f"{folder.name}-inpaint"))


def _split(decoder: Path, prior: Path | None, inpainter: Path) -> Layout:
    if prior is None:
        raise Unavailable(
            "local", f"{decoder}: a decoder alone; its prior is in no folder beside it"
        )
    return Layout(decoder, prior, _existing(inpainter))


def _is_decoder(index: dict[str, Any]) -> bool:
    name = index["_class_name"]
    return name.startswith("KandinskyV22") and "Combined" not in name and "Prior" not in name


def _named_prior(folder: Path) -> Path | None:
    """The prior of README.md's front matter: a path, or a hub id whose folder lies beside."""
    try:
        text = (folder / "README.md").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    front = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    named = (
        re.search(r"^prior:[ \t]*(?:\n[ \t]*-[ \t]*)?(\S+)", front[1], re.MULTILINE)
        if front
        else None
    )
    if named is None:
        return None
    value = named[1].strip("\"'")
    return _existing(Path(value)) or _existing(folder.parent / Path(value).name)


def _sibling_prior(folder: Path) -> Path | None:
    """`kandinsky-2-2-prior` beside `kandinsky-2-2-decoder`, else the only `*-prior` there is."""
    stem = re.sub(r"-decoder.*$", "", folder.name)
    if exact := _existing(folder.with_name(f"{stem}-prior")):
        return exact
    found = [path for path in folder.parent.glob("*-prior") if (path / INDEX).is_file()]
    return found[0] if len(found) == 1 else None


def _existing(folder: Path) -> Path | None:
    return folder if (folder / INDEX).is_file() else None


def read_index(folder: Path) -> dict[str, Any]:
    """The pipeline's `model_index.json`. Raises Unavailable where there is none that can be read."""
    if not folder.is_dir():
        raise Unavailable("local", f"{folder}: no such folder")
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
    except FileNotFoundError:
        raise Unavailable("local", f"{folder}: no {INDEX} in it, so no pipeline") from None
    except (OSError, ValueError) as error:
        raise Unavailable("local", f"{folder}/{INDEX} can't be read") from error
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise Unavailable("local", f"{folder}/{INDEX} names no pipeline class")
    return index


def check_parts(folder: Path) -> None:
    """Each part that the index names has its folder, and each file of weights its whole length.

    Raises Unavailable.
    """
    missing = [name for name in _parts(read_index(folder)) if not (folder / name).is_dir()]
    if missing:
        raise Unavailable("local", f"{folder}: incomplete, no {', '.join(missing)} in it")
    for name in _parts(read_index(folder)):
        for file in sorted((folder / name).glob("*.safetensors")):
            if trouble := _torn(file):
                raise Unavailable("local", f"{file}: {trouble}")


def _parts(index: dict[str, Any]) -> Iterator[str]:
    """Entries are `[library, class]`, with nulls for a part that was left out."""
    return (name for name, entry in index.items() if isinstance(entry, list) and entry[0])


def _torn(file: Path) -> str:
    """What is wrong with a safetensors file; empty where its header and its length agree.

    The format: https://huggingface.co/docs/safetensors#format
    """
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(HEADER_LENGTH_BYTES), "little")
            if size < HEADER_LENGTH_BYTES or length > min(size, MAX_HEADER):
                return f"{size} bytes, no weights in them"
            header = json.loads(opened.read(length))
        offsets = [v["data_offsets"][1] for k, v in header.items() if k != "__metadata__"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "its header can't be read"
    except OSError as error:
        return f"can't be read: {error.strerror}"
    expected = HEADER_LENGTH_BYTES + length + max(offsets, default=0)
    return "" if size == expected else f"{size} bytes of {expected}"


def unet_config(folder: Path) -> dict[str, Any]:
    """What the decoder's network says of itself; empty where that can't be read."""
    try:
        config = json.loads((folder / "unet" / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def weight_bytes(*folders: Path | None) -> int:
    """How large the safetensors of these folders are together."""
    return sum(
        file.stat().st_size
        for folder in folders
        if folder is not None
        for file in folder.glob("*/*.safetensors")
    )
