"""Decode every recording, audio or video, to mono WAV at one sample rate; list what cannot be used, with the reason.

python stages/extract.py data/corpus data/audio
"""

from pathlib import Path
from typing import Any

import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL
from project_echo.core.parallel import map_all
from project_echo.core.tables import read_table, write_table
from project_echo.features.config import Features
from project_echo.media.decode import decode_with_note
from project_echo.media.errors import UnusableMediaError
from project_echo.media.track import choose_track, to_row
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run

RESULT = ["duration_s", "track", "channel", "gain", "sample_rate", "channels", "note", "reason"]


def main(corpus: Path, audio: Path) -> None:
    recordings = read_table(corpus / "recordings.csv")
    rate = load_params("features", Features).sample_rate
    with files.atomic_folder(audio) as temporary:
        jobs = [(corpus / name, rate, temporary / f"{name}.wav") for name in recordings["recording"]]
        results = pd.DataFrame(map_all(extract, jobs, "extract"), columns=RESULT)
        table = recordings.join(results)
        usable = table["reason"] == ""
        # By their original names, which people know.
        refused = table.loc[~usable, ["original", "reason"]].rename(columns={"original": "recording"})
        skipped = pd.concat([read_table(corpus / "skipped.csv"), refused])
        labelled = table[~table["unseen"]]
        lost = sorted(set(labelled["label"]) - set(labelled.loc[usable, "label"]) - {PARTIAL})
        if lost:
            reasons = labelled.loc[labelled["label"].isin(lost), "reason"].value_counts()
            raise EchoError(
                f"class {', '.join(lost)} has no usable recording: "
                f"{'; '.join(f'{reason} ({n})' for reason, n in reasons.items())}. Put others in the corpus, or "
                "remove the class."
            )
        audio_table = table.loc[usable].drop(columns=["reason", "original"])
        whole = ["track", "sample_rate", "channels"]
        write_table(audio_table.astype(dict.fromkeys(whole, int)), temporary / "audio.csv")
        write_table(skipped, temporary / "skipped.csv")
        stated = read_table(corpus / "labels.csv")
        write_table(stated[stated["recording"].isin(audio_table["recording"])], temporary / "labels.csv")
    print(
        f"{usable.sum()} recordings, {table['duration_s'].sum() / 60:.1f} minutes, "
        f"{(audio_table['note'] != '').sum()} with a note ({audio / 'audio.csv'}), {len(skipped)} skipped "
        f"({audio / 'skipped.csv'})"
    )


def extract(recording: Path, rate: int, wav: Path) -> dict[str, Any]:
    """Decode one recording to `wav`; a row of RESULT, with the reason if it cannot be used."""
    try:
        track = choose_track(recording)
        samples, note = decode_with_note(recording, rate, track)
    except UnusableMediaError as error:
        return {"duration_s": 0.0, "reason": str(error)}
    files.write_sound(samples, rate, wav)
    return {"duration_s": len(samples) / rate, **to_row(track), "note": note, "reason": ""}


if __name__ == "__main__":
    run(main)
