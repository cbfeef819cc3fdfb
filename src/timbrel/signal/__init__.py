"""Signal: tensors in, tensors out. No weights, no files but in `files`."""
