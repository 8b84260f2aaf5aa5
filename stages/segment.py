"""Cut labelled recordings into clips of one length: the loudest segments, silence left out.

Of a partially labelled recording those are candidates of which labels.csv states something.

python stages/segment.py data/audio data/clips
"""

from pathlib import Path

import numpy as np
import pandas as pd

from project_echo.core import files
from project_echo.core.errors import EchoError
from project_echo.core.labels import PARTIAL
from project_echo.core.parallel import map_all
from project_echo.core.tables import read_table, write_table
from project_echo.datasets.stated import stated_in_clip, stated_starts
from project_echo.features.config import Features
from project_echo.features.segments import Segmentation, loudest_of, loudest_segments, padded_segment
from project_echo.pipeline.params import load_params
from project_echo.pipeline.script import run

CLIP = ["clip", "recording", "label", "kind", "source", "start_s", "level_dbfs"]
STATED = ["clip", "label", "start_s", "end_s", "present"]
DROPPED = ["recording", "silent", "surplus"]


def main(audio: Path, clips: Path) -> None:
    segment, window_s = load_params("segment", Segmentation), load_params("features", Features).window_s
    recordings = read_table(audio / "audio.csv")
    recordings = recordings[~recordings["unseen"]]
    stated = read_table(audio / "labels.csv")
    with files.atomic_folder(clips) as temporary:
        jobs = [
            (row, stated[stated["recording"] == row["recording"]], audio, temporary, window_s, segment)
            for row in recordings.to_dict("records")
        ]
        results = map_all(cut_recording, jobs, "segment")
        table = pd.DataFrame([clip for rows, _ in results for clip in rows], columns=CLIP)
        dropped = pd.DataFrame([counts for _, counts in results], columns=DROPPED)
        lost = sorted(set(recordings["label"]) - set(table["label"]) - {PARTIAL})
        if lost:
            raise EchoError(
                f"class {', '.join(lost)} has no clip: all of its recordings in {audio} are silent. Put others in the "
                "corpus, or remove the class."
            )
        of_clips = [
            stated_in_clip(stated[stated["recording"] == recording], start_s, window_s).assign(clip=clip)
            for clip, recording, start_s in zip(table["clip"], table["recording"], table["start_s"], strict=True)
            if recording in set(stated["recording"])
        ]
        stated_table = pd.concat(of_clips)[STATED] if of_clips else pd.DataFrame(columns=STATED)
        write_table(stated_table, temporary / "labels.csv")
        write_table(table, temporary / "clips.csv")
        write_table(dropped, temporary / "dropped.csv")
    print(
        f"{len(table)} clips from {len(recordings)} recordings; dropped: {dropped['silent'].sum()} silent, "
        f"{dropped['surplus'].sum()} beyond {segment.max_per_recording} per recording ({clips / 'dropped.csv'})"
    )


def cut_recording(
    row: dict[str, str], stated: pd.DataFrame, audio: Path, clips: Path, window_s: float, segment: Segmentation
) -> tuple[list[tuple[object, ...]], tuple[object, ...]]:
    """Write the clips of one recording; their rows for clips.csv, and its row for dropped.csv."""
    recording = row["recording"]
    samples, rate = files.read_sound(audio / f"{recording}.wav")
    length, hop = round(window_s * rate), max(1, round(segment.hop_s * rate))
    if row["label"] == PARTIAL:
        starts = np.array(
            [round(start_s * rate) for start_s in stated_starts(stated, len(samples) / rate, window_s)], int
        )
        segments = loudest_of(samples, starts, length, segment.max_per_recording, segment.min_db)
    else:
        segments = loudest_segments(samples, length, hop, segment.max_per_recording, segment.min_db)
    rows: list[tuple[object, ...]] = []
    for start, level in zip(segments.starts, segments.levels_dbfs, strict=True):
        clip = f"{recording}-{start / rate:08.3f}"
        files.write_sound(padded_segment(samples, start, length), rate, clips / f"{clip}.wav")
        rows.append((clip, recording, row["label"], row["kind"], row["source"], start / rate, level))
    return rows, (recording, segments.n_silent, segments.n_surplus)


if __name__ == "__main__":
    run(main)
