"""The verdict: what the numbers say, in plain sentences."""

from timbrel.evaluation import steering
from timbrel.evaluation.diversity import typical_ratio
from timbrel.evaluation.morph_table import better
from timbrel.evaluation.reconstruction import ALL
from timbrel.evaluation.requirements_words import words
from timbrel.evaluation.results import Listening, Report
from timbrel.evaluation.statistics import Interval

ENOUGH = 0.9  # of the rate at which real sounds are recognised
ALIKE = 0.75  # of the spread of real sounds, below which generated ones are all alike
ONLY_GENERATES = (
    "It does not hear sounds, it only makes them: nothing can come back of held-out sounds, so"
    " what follows judges what it makes."
)
STRANGE = "stranger to each other than real ones"
METRIC = "log_spectral_distance"
BAND_METRIC = "log_spectral_distance_7500_hz"


def verdict(report: Report) -> tuple[str, ...]:
    """Says what a report's numbers mean.

    Args:
        report: All numbers; its own verdict is not looked at.

    Returns:
        Sentences, the most important first.
    """
    sentences = [*_returned(report), _floor(report)] if report.reconstruction else [ONLY_GENERATES]
    sentences += words(report.requirements) if report.requirements else []
    sentences += [steering.words(report.steering)] if report.steering else []
    if report.listening:
        sentences += _recognised(report.listening)
    sentences += _copies(report) + _variety(report) + _morphed(report)
    if report.skipped:
        sentences.append(f"{_sounds(len(report.skipped))} could not be judged; see the list below.")
    return tuple(sentences)


def _returned(report: Report) -> list[str]:
    """Where the reconstruction lies between the floors, over the whole band and the common one."""
    measure = report.reconstruction[METRIC]
    means, gain = measure.means[ALL], measure.gain_over_nearest
    what = (
        f"Held-out sounds come back {_db(means['reconstruction'])} away from how they were"
        f" (log-spectral distance); their nearest training sounds are {_db(means['nearest'])} away"
    )
    if gain.low > 0:
        return [f"{what}. The instrument does more than play what it was given.", _band(report)]
    if gain.high >= 0:
        result = "The instrument is not surely better than playing the nearest training sound."
    elif means["round_trip"].value < means["nearest"].value:
        result = "Playing the nearest training sound would be better: train longer."
    else:
        result = (
            "Playing the nearest training sound would be better, and no training can change that:"
            " choose a recipe with a higher sample rate or a finer front end."
        )
    return [f"{what}. {result}", _band(report)]


def _band(report: Report) -> str:
    means = report.reconstruction[BAND_METRIC].means[ALL]
    return (
        "Up to 7.5 kHz, where instruments of any sample rate can be compared, they come back"
        f" {_db(means['reconstruction'])} away; the nearest training sounds are"
        f" {_db(means['nearest'])} away."
    )


def _floor(report: Report) -> str:
    means = report.reconstruction[METRIC].means[ALL]
    lost = means["reconstruction"].value - means["round_trip"].value
    if lost > 0.1:
        return (
            f"The front end alone, without the network, is {_db(means['round_trip'])} away: "
            f"better training could still gain up to {lost:.1f} dB."
        )
    return (
        f"The front end alone, without the network, is {_db(means['round_trip'])} away: "
        "the network loses nothing; only another front end or phase method could be better."
    )


def _recognised(listening: Listening) -> list[str]:
    real = f"{_percent(listening.held_out.overall)} of held-out real sounds"
    if listening.generated is None or listening.ratio is None:
        if listening.reconstructions is None:
            return [f"A listener trained on the real training sounds names {real} right."]
        return [
            f"A listener trained on the real training sounds names {real} right, and"
            f" {_percent(listening.reconstructions.overall)} of their reconstructions."
        ]
    weak = [k for k, ratio in sorted(listening.label_ratios.items()) if ratio < ENOUGH]
    enough = "as it should be" if listening.ratio >= ENOUGH else "too seldom"
    sentence = (
        f"A listener trained on the real training sounds names {real} right and"
        f" {_percent(listening.generated.overall)} of the generated ones:"
        f" {listening.ratio:.2f} times as often where each label counts equally, {enough}"
    )
    return [f"{sentence}; weak labels: {', '.join(weak)}." if weak else f"{sentence}."]


def _copies(report: Report) -> list[str]:
    made, real = report.generated_copying, report.held_out_copying
    if made is None:
        return []
    distances = (
        f"Generated sounds lie {made.distance_db.median:.1f} dB from their nearest training sound"
        f" (median; held-out real ones {real.distance_db.median:.1f} dB)"
    )
    if made.near_copies.low > real.near_copies.high:
        return [f"{distances}, and {_share(made.near_copies)} are near copies of one: too many."]
    return [
        f"{distances}; {_share(made.near_copies)} are near copies of one"
        f" (held-out {_share(real.near_copies)})."
    ]


def _variety(report: Report) -> list[str]:
    ratio = typical_ratio(report.diversity)
    if ratio is None:
        return []
    return [
        f"Within a label, generated sounds differ {ratio:.2f} times as much as real ones:"
        f" {varied(ratio)}."
    ]


def _morphed(report: Report) -> list[str]:
    """What its morphs do better and worse than a crossfade, as far as a few pairs can say."""
    if report.morphs is None:
        return []
    rows = report.morphs.rows.values()
    titles = {
        wins: [
            row.measure.title.lower() for row in rows if better(row.difference, row.measure) is wins
        ]
        for wins in (True, False)
    }
    forward = report.morphs.rows["forward"].morph
    between = f" {_share(forward)} of their steps go the right way;" if forward.count else ""
    said = " and ".join(
        f"surely {word} than a crossfade's in: {', '.join(titles[wins])}"
        for wins, word in ((True, "better"), (False, "worse"))
        if titles[wins]
    )
    count = len(report.morphs.pairs)
    return [
        f"Morphs of {count} pairs:{between} they are"
        f" {said or 'not surely better or worse than a crossfade in anything measured'}."
    ]


def varied(ratio: float) -> str:
    """Says in words how varied generated sounds are.

    Args:
        ratio: How much they differ within a label, over how much real ones do.

    Returns:
        The end of a sentence.

    Example:
        >>> varied(0.5), varied(1.0), varied(2.0)
        ('too much alike', 'as varied as they should be', 'stranger to each other than real ones')
    """
    if ratio < ALIKE:
        return "too much alike"
    return "as varied as they should be" if ratio <= 1 / ALIKE else STRANGE


def _db(mean: Interval) -> str:
    return f"{mean.value:.1f} dB ({mean.low:.1f} to {mean.high:.1f})"


def _percent(rate: Interval) -> str:
    return f"{100 * rate.value:.0f} % ({100 * rate.low:.0f} to {100 * rate.high:.0f})"


def _share(rate: Interval) -> str:
    return f"{100 * rate.value:.0f} %"


def _sounds(count: int) -> str:
    return "One sound" if count == 1 else f"{count} sounds"
