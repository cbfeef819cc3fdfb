from fixtures_instrument import linear_family, tiny_instrument

__all__ = ["linear_family", "tiny_instrument"]
