"""What a run leaves behind to be looked at: captures, timelines, waveform views, summaries, progress."""
