import pytest


def test_finds_a_book_by_a_word_of_its_title(catalogue):
    assert [book.author for book in catalogue.search("darkness")] == ["Ursula K. Le Guin"]


def test_finds_a_book_by_title_and_author(catalogue):
    assert [book.title for book in catalogue.search("clarke piranesi")] == ["Piranesi"]


def test_finds_nothing_if_one_word_is_missing(catalogue):
    assert catalogue.search("piranesi eliot") == []


def test_knows_no_unknown_book(catalogue):
    with pytest.raises(KeyError):
        catalogue.book("0000000000000")


def test_shows_the_catalogue_in_pages(catalogue):
    assert [book.title for book in catalogue.page(1, size=2)] == ["The Left Hand of Darkness", "Piranesi"]
    assert [book.title for book in catalogue.page(2, size=2)] == ["Middlemarch"]


def test_counts_pages_from_one(catalogue):
    with pytest.raises(ValueError):
        catalogue.page(0)
