"""Which files in a folder may hold sound: by their suffix, or where that says nothing, by their first bytes."""

import re
from dataclasses import dataclass
from pathlib import Path

# Suffixes of audio and video files. Not all can be decoded (`REMEDIES`); those are tried too, so that they are listed
# with the reason.
_MEDIA_SUFFIXES = (
    "3g2 3ga 3gp 3gp2 3gpp aac ac3 adts aif aifc aiff amr ape asf au avi awb bwf caf divx dsf dts dv eac3 f4v flac flv "
    "m1v m2t m2ts m2v m4a m4b m4r m4v mk3d mka mkv mov mp1 mp2 mp3 mp4 mpa mpc mpe mpeg mpg mpv mts mxf nut oga ogg "
    "ogm ogv ogx opus qt ra rf64 rm rmvb snd sph spx tta ts vob voc w4v w64 wac wav wave weba webm wma wmv wtv wv"
)
# Suffixes of files that hold no sound, or no other than the recording beside them (a camera's preview, lrv; an audio
# editor's overview, pkf): they are not even opened. Any others are, so this list need not be complete.
_OTHER_SUFFIXES = (
    "asd avif bak bmp cfg cr2 css csv cue db dbf dll dng doc docx dvc exe gif gpk gpx h5 hdf5 heic heif htm html ico "
    "ini ipynb jpe jpeg jpg js json kml kmz lnk log lrv m3u m3u8 md md5 miniconfig minidiags nef npy npz ods odt orf "
    "pages parquet pdf pkf pls png ppt pptx prj ps py r rda rds reapeaks rmd rtf sav sfk sha1 sha256 shp shx sm4set "
    "sm5diags sqlite srt svg tex textgrid thm tif tiff toml tsv txt url wamd webp xls xlsm xlsx xml xmp xspf yaml yml"
)
_ARCHIVES = "7z bz2 gz lz4 rar tar tgz xz zip zst"
SUFFIXES = set(_MEDIA_SUFFIXES.split())
OTHER_SUFFIXES = set(_OTHER_SUFFIXES.split())
ARCHIVES = set(_ARCHIVES.split())
# Compressed formats of recorders that only their maker's program reads, and zero-crossing files, which hold the times
# of a wave's crossings instead of the wave (openecoacoustics.org, "Audio formats"; Wildlife Acoustics' manuals).
CONVERT = "convert it to WAV with Wildlife Acoustics' Kaleidoscope"
REMEDIES = {"wac": CONVERT, "w4v": CONVERT}
_ZERO_CROSSING = re.compile(r"\d\d#")  # Anabat's names: P7132033.37#

# Folders and files of systems, not of people: trash, indexes and previews of Windows, macOS, Synology and QNAP.
_SYSTEM_NAMES = {
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "@eadir",
    "@recently-snapshot",
    "@recycle",
    "__macosx",
    "found.000",
    "lost+found",
    "network trash folder",
    "recycled",
    "recycler",
    "system volume information",
    "temporary items",
    "thumbs.db",
}
_HEAD_BYTES = 4096
_SIGNATURES = (
    *(b"caff", b"fLaC", b"OggS", b"ID3", b"#!AMR", b"wvpk", b"TTA1", b"MAC ", b"DSD ", b"MPCK", b"MP+", b"FLV\x01"),
    *(b"RIFX", b"RF64", b"BW64", b"riff\x2e\x91\xcf\x11", b".snd", b".RMF", b"Creative Voice File", b"NIST_1A"),
    *(b"\x1a\x45\xdf\xa3", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"\x06\x0e\x2b\x34", b"\x00\x00\x01\xba"),
    *(b"\x00\x00\x01\xb3", *(bytes([0xFF, second]) for second in b"\xf1\xf2\xf3\xf9\xfa\xfb\xfc\xfd\xe3")),
)
_CONTAINERS = {b"RIFF": (b"WAVE", b"AVI "), b"FORM": (b"AIFF", b"AIFC")}  # of these also pictures
_BOXES = (b"ftyp", b"moov", b"mdat")  # of MP4 and QuickTime, after the size of the box
_OTHER_SIGNATURES = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"II*\0", b"MM\0*", b"SQLite format 3", b"PAR1", b"\x89HDF"),
    *(b"\x93NUMPY", b"\x7fELF", b"MZ"),
)
_ARCHIVE_SIGNATURES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True)
class FileType:
    """Whether to decode a file, or why that is not possible although it may hold sound (otherwise empty)."""

    is_media: bool = False
    reason: str = ""


_MEDIA, _OTHER = FileType(is_media=True), FileType()
_ARCHIVE = FileType(reason="an archive, which may contain recordings: unpack it")
_ZERO_CROSSINGS = FileType(reason="a zero-crossing file, which holds no sound: use the full-spectrum recording")
_UNKNOWN = FileType(
    reason="not recognized as audio or video by its name or its first bytes: if it is, pass the file itself"
)
_TYPES = {
    **dict.fromkeys(OTHER_SUFFIXES, _OTHER),
    **dict.fromkeys(ARCHIVES, _ARCHIVE),
    **dict.fromkeys(SUFFIXES, _MEDIA),
    "zc": _ZERO_CROSSINGS,
    "aup3": FileType(reason="an Audacity project: export its sound as WAV"),
}


def is_system_name(name: str) -> bool:
    """Whether a file or folder is hidden (``.name``) or belongs to the system (trash, previews), by its name."""
    return name.startswith(".") or name.casefold() in _SYSTEM_NAMES


def file_type(path: Path) -> FileType:
    """Find out whether a file of a folder is audio or video.

    - Known suffixes of audio and video are; known suffixes of text, tables, pictures and documents are not.
    - Any other file is judged by its first bytes: audio and video are recognized by the signature of their format,
      text, pictures and documents are not media, and what cannot be recognized has a reason, as it may hold sound.
    - Archives and zero-crossing files have a reason, too.

    Parameters
    ----------
    path : Path
        A regular file.

    Returns
    -------
    FileType

    Raises
    ------
    OSError
        If the file has to be opened and cannot be.
    """
    suffix = path.suffix[1:].lower()
    known = _TYPES.get("zc" if _ZERO_CROSSING.fullmatch(suffix) else suffix)
    if known:
        return known
    with path.open("rb") as stream:
        return _type_of_content(stream.read(_HEAD_BYTES))


def _type_of_content(head: bytes) -> FileType:
    """What the first bytes of a file say."""
    if _is_media(head):
        return _MEDIA
    if head.startswith(_ARCHIVE_SIGNATURES):
        return _ARCHIVE
    if not head or head.startswith(_OTHER_SIGNATURES) or head[:4] in _CONTAINERS or _is_text(head):
        return _OTHER
    return _UNKNOWN


def _is_media(head: bytes) -> bool:
    if head[:4] in _CONTAINERS:
        return head[8:12] in _CONTAINERS[head[:4]]
    return head.startswith(_SIGNATURES) or head[4:8] in _BOXES or _is_transport_stream(head)


def _is_transport_stream(head: bytes) -> bool:
    """Whether MPEG-TS packets of 188 bytes, or of 192 with a time code before each, begin with their sync byte."""
    return any(
        len(head) > start + 2 * step and all(head[start + step * number] == 0x47 for number in range(3))
        for start, step in ((0, 188), (4, 192))
    )


def _is_text(head: bytes) -> bool:
    """Text of any encoding has no control characters but white space, form feeds and escapes; UTF-16 has a mark."""
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head)
