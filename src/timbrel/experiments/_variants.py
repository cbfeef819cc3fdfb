"""The nine models of S3's table 7.2, what S3 found of them, and what it concluded."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """A row of S3's tables 7.2 and 7.3.

    Attributes:
        name: What S3 calls it.
        latent_size: Dimensions of its latent.
        flow_layers: Its flow layers.
        steps: Steps that S3 trained it.
        dropout: Whether units are dropped while training.
        scaled_kl: Whether the divergence counts N/M times (sounds over batch).
        ndb: S3's number of different bins.
        fid: S3's Fréchet inception distance.
        odg: S3's mean ODG.
        fingerprint: S3's mean fingerprint similarity.
    """

    name: str
    latent_size: int
    flow_layers: int
    steps: int
    ndb: int
    fid: float
    odg: float
    fingerprint: float
    dropout: bool = True
    scaled_kl: bool = False


VARIANTS = (
    Variant("8 dim", 8, 10, 20_000, 0, 141.6, -3.742, 47.1),
    Variant("64 dim", 64, 10, 20_000, 4, 133.7, -3.687, 47.0),
    Variant("256 dim", 256, 10, 20_000, 4, 121.8, -3.682, 47.2),
    Variant("0 flow", 64, 0, 20_000, 5, 123.6, -3.688, 47.1),
    Variant("20 flow", 64, 20, 20_000, 3, 121.0, -3.668, 46.9),
    Variant("Beta", 64, 10, 20_000, 11, 163.0, -3.836, 46.4, scaled_kl=True),
    Variant("No Dropout", 64, 10, 10_000, 3, 140.0, -3.713, 46.9, dropout=False),
    Variant("Underfit", 64, 10, 2_000, 4, 167.3, -3.801, 46.8),
    Variant("Overfit", 64, 10, 55_000, 2, 122.5, -3.645, 47.2),
)
TEST_SET_NDB, TEST_SET_FID = 1, 43.5

# S3's table 7.4: label -> (mean, best) ODG of "Overfit" and of "Beta".
S3_LABELS = {
    "clap": ((-3.778, -3.481), (-3.903, -3.871)),
    "combo": ((-3.801, -3.801), (-3.886, -3.884)),
    "cymbal": ((-3.623, -2.747), (-3.734, -3.146)),
    "handdrum": ((-3.705, -3.393), (-3.885, -3.804)),
    "hihat": ((-3.468, -1.575), (-3.779, -2.202)),
    "kick": ((-3.814, -3.506), (-3.892, -3.818)),
    "malletdrum": ((-3.683, -1.381), (-3.896, -3.818)),
    "metallic": ((-3.604, -2.51), (-3.822, -2.421)),
    "shaker": ((-3.727, -3.267), (-3.881, -3.448)),
    "snare": ((-3.655, -1.118), (-3.87, -3.325)),
    "tom": ((-3.615, -1.333), (-3.814, -2.632)),
    "wooden": ((-3.714, -3.261), (-3.906, -3.906)),
}


@dataclass(frozen=True)
class Claim:
    """What S3 concluded of two models: that one has the higher ODG.

    Attributes:
        said: The conclusion, in S3's sense.
        higher: The model that is said to be higher.
        lower: The other one.
    """

    said: str
    higher: str
    lower: str


CLAIMS = (
    Claim("training much longer helps", "Overfit", "64 dim"),
    Claim("training a tenth as long hurts", "64 dim", "Underfit"),
    Claim("a divergence that counts N/M times ruins it", "64 dim", "Beta"),
    Claim("the worst of all is Beta, below even Underfit", "Underfit", "Beta"),
    Claim("256 dimensions are better than 8", "256 dim", "8 dim"),
    Claim("64 dimensions are better than 8", "64 dim", "8 dim"),
    Claim("20 flow layers are better than 10", "20 flow", "64 dim"),
    Claim("20 flow layers are better than none", "20 flow", "0 flow"),
    Claim("without dropout it is worse (at half the steps)", "64 dim", "No Dropout"),
)
