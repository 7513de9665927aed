"""The pages of the municipal counter."""
