"""The network of `sample_vae`: encoder, posterior, decoder, in S3's shape or in ours."""

from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from timbrel.blocks.label_weights import label_weights
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.sample_vae.config import SampleVaeOptions
from timbrel.families.sample_vae.picture import PictureDecoder, PictureEncoder, picture_sizes
from timbrel.families.sample_vae.posterior import Posterior
from timbrel.families.sample_vae.strips import LOWEST_LOG_SPREAD, Basis, StripsDecoder
from timbrel.losses.elbo import (
    binary_cross_entropy,
    gaussian_error,
    roughness_error,
    sampled_divergence,
)


class Bound(NamedTuple):
    """The parts of the evidence lower bound of a batch.

    Attributes:
        error: How badly the codes are predicted, in nats a sound.
        divergence: How far the posteriors are from the prior, in nats a sound.
        roughness: How badly the spread is predicted, in nats a cell above the best possible; 0
            where there is none.
    """

    error: Tensor
    divergence: Tensor
    roughness: Tensor


class SampleVae(nn.Module):
    """A variational autoencoder of codes: one latent a sound.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Shape:
        encode: code [B, F, N] -> latent [B, Z]
        decode: latent [B, Z] -> code [B, F, N] within 0..1

    Source:
        S3 section 7.3.
    """

    posterior: Posterior

    def __init__(self, options: SampleVaeOptions) -> None:
        super().__init__()
        self.latent_size = options.latent_size

    @abstractmethod
    def hidden(self, code: Tensor) -> Tensor:
        """Gives what the posterior is made from: codes [B, F, N] -> [B, H]."""

    @abstractmethod
    def decode_with_spread(self, latent: Tensor) -> tuple[Tensor, Tensor | None]:
        """Decodes latents, and says how rough each cell is around the decoded value.

        Args:
            latent: [B, Z].

        Returns:
            The code [B, F, N] within 0..1, and its spread [B, F, N] (mean absolute deviation, in
            units of the code), or None where the network knows of none.
        """

    @abstractmethod
    def bound(self, code: Tensor, generator: torch.Generator) -> Bound:
        """Computes the evidence lower bound of a batch by one draw for each sound.

        Args:
            code: [B, F, N].
            generator: Where the randomness comes from.

        Returns:
            Its parts.
        """

    def decode(self, latent: Tensor) -> Tensor:
        """Decodes latents [B, Z] to codes [B, F, N] within 0..1."""
        return self.decode_with_spread(latent)[0]

    def encode(self, code: Tensor) -> Tensor:
        """Encodes codes [B, F, N] to the latents of their posteriors' centres, [B, Z]."""
        return self.posterior.centre(self.hidden(code))

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draws latents from the prior N(0, 1), [count, Z]."""
        shape = (count, self.latent_size)
        return torch.randn(shape, generator=generator, device=generator.device)


class PictureVae(SampleVae):
    """S3's network."""

    def __init__(self, options: SampleVaeOptions, facts: DataFacts) -> None:
        super().__init__(options)
        self.encoder = PictureEncoder(facts.bins, facts.frames)
        self.posterior = _posterior(options, self.encoder.hidden_size)
        self.decoder = PictureDecoder(
            options.latent_size, facts.bins, facts.frames, options.dropout
        )

    def hidden(self, code: Tensor) -> Tensor:
        """See `SampleVae.hidden`."""
        return self.encoder(code)  # type: ignore[no-any-return]

    def decode_with_spread(self, latent: Tensor) -> tuple[Tensor, Tensor | None]:
        """See `SampleVae.decode_with_spread`; S3's picture has no spread."""
        return torch.sigmoid(self.decoder(latent)), None

    def bound(self, code: Tensor, generator: torch.Generator) -> Bound:
        """See `SampleVae.bound`; the error is the binary cross-entropy."""
        draw = self.posterior.draw(self.hidden(code), generator)
        error = binary_cross_entropy(self.decoder(draw.latent).float(), code)
        return Bound(error, sampled_divergence(draw.log_density, draw.latent), code.new_zeros(()))


class StripsVae(SampleVae):
    """Our network: principal components first, then what they miss."""

    def __init__(self, options: SampleVaeOptions, facts: DataFacts) -> None:
        super().__init__(options)
        self.error_scale = options.error_scale
        self.lag_frames = min(options.lag_frames, facts.frames // 2)
        self.basis = Basis(options.latent_size, facts.bins, facts.frames)
        self.posterior = _posterior(options, options.latent_size, skip=True)
        self.decoder = StripsDecoder(options, facts)

    def hidden(self, code: Tensor) -> Tensor:
        """See `SampleVae.hidden`: the coordinates in the principal components."""
        return self.basis.coordinates(code)

    def decode_with_spread(self, latent: Tensor) -> tuple[Tensor, Tensor | None]:
        """See `SampleVae.decode_with_spread`."""
        code, log_spread = self._predict(latent / self.basis.scales)
        return code.clamp(0, 1), log_spread.exp()

    def _predict(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Codes, not yet clipped, and their log-spread from latents of unit variance."""
        detail, log_spread = self.decoder(latent)
        return self.basis.code(latent) + detail, log_spread

    def encode(self, code: Tensor) -> Tensor:
        """See `SampleVae.encode`.

        Outside of training the latents are told in units of the code, so that a distance between
        two latents is the distance between two spectrograms; neighbours and maps rest on that.
        """
        return super().encode(code) * self.basis.scales

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """See `SampleVae.sample`."""
        drawn = super().sample(count, generator)
        return drawn * self.basis.scales.to(drawn.device)

    def bound(self, code: Tensor, generator: torch.Generator) -> Bound:
        """See `SampleVae.bound`; the error is that of a Gaussian."""
        draw = self.posterior.draw(self.hidden(code), generator)
        prediction, log_spread = self._predict(draw.latent)
        return Bound(
            gaussian_error(prediction, code, self.error_scale),
            sampled_divergence(draw.log_density, draw.latent),
            roughness_error(prediction, code, log_spread, lag_frames=self.lag_frames)
            - LOWEST_LOG_SPREAD,
        )

    def start_from(self, codes: Tensor, labels: Tensor) -> None:
        """Finds the principal components, before the first step of training.

        Each label counts the same, however many sounds it has.

        Args:
            codes: Some hundreds to thousands of the library's codes, [M, F, N].
            labels: Their label numbers, [M], -1 where unknown.
        """
        self.basis.fit(codes, label_weights(labels))


def start(network: torch.nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Gives a fresh network what can be known of the library without training.

    Args:
        network: What `build` made; S3's starts from nothing and is left alone.
        codes: Some hundreds to thousands of the library's codes, [M, F, N].
        labels: Their label numbers, [M], -1 where unknown.
    """
    if isinstance(network, StripsVae):
        network.start_from(codes, labels)


def build(options: SampleVaeOptions, facts: DataFacts) -> SampleVae:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes are no spectrograms, or too small for the picture's poolings.
    """
    if min(facts.bins, facts.frames) < 2:
        raise RecipeError(
            f"a code of {facts.bins} bins and {facts.frames} frames",
            "a front end of magnitudes, and a longer sound",
        )
    if options.shape == "strips":
        return StripsVae(options, facts)
    if min(picture_sizes(facts.bins, facts.frames)[-1]) < 1:
        raise RecipeError(
            f"a picture of {facts.bins} by {facts.frames}",
            "at least 18 bins by 26 frames",
            "take more bands, a longer sound, or network.shape=strips",
        )
    return PictureVae(options, facts)


def _posterior(options: SampleVaeOptions, encoded_size: int, *, skip: bool = False) -> Posterior:
    return Posterior(
        encoded_size,
        latent_size=options.latent_size,
        hidden_size=options.hidden_size,
        flow_layers=options.flow_layers,
        flow_units=options.flow_units,
        dropout=options.dropout,
        skip=skip,
    )
