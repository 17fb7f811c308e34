"""How a budget meets a day: what to bid now, so that the money buys the most and lasts."""
