"""Recovery: the keys sealed to a key whose private half lies on paper, three shares of five."""
