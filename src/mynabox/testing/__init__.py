"""Specimen cards, a card reader and authorities for the tests of other programs.

``pip install mynabox`` gives pytest these fixtures (:mod:`mynabox.testing.plugin`):

    def test_login(my_number_card, card_reader): ...

See docs/testing-with-mynabox.md.
"""
