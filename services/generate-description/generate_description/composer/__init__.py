"""The composer: a listing from the facts alone, without a model, in correct English and Spanish."""
