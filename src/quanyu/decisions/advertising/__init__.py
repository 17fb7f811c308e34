"""Campaigns as the decision path looks at them: who takes part, for what, at which bid."""
