"""Originality: does an instrument that learned from one recording play that recording again?

`copy_map` finds for each moment of a sound the moment of the recording that it is most like,
`mixing` does so band by band, `traits` and `likeness` tell how far the statistics of both are
apart, and `judging` puts several systems beside two baselines: a montage of the recording, and the
recording against itself.
"""
