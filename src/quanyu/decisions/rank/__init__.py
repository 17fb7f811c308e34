"""In which order: features, a model or the prior, calibration, variety, exploration."""
