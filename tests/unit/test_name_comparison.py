"""Two names compared: across scripts, spellings and order they agree, and other names do not.

Expectations are written by hand; all persons are invented.
"""

import pytest
from described import names

from streams.matching.forms import read_name
from streams.matching.likeness import Way, likeness
from streams.matching.verdicts import Verdict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ћирић Ђорђе", "Ćirić Đorđe"),
        ("Ћирић Ђорђе", "CIRIC DJORDJE"),
        ("Ќосев Ѓорѓи", "Kjosev Gjorgji"),
        ("Ќосев Ѓорѓи", "Ḱosev Ǵorǵi"),
        ("Ќосев Ѓорѓи", "Ćosev Đorđi"),
        ("Џафери Агрон", "Xhaferi Agron"),
        ("Shehu Qerim", "Шеху Ћерим"),
        ("Müller Jürgen", "MUELLER JUERGEN"),
        ("Müller Jürgen", "MULLER JURGEN"),
        ("Nagy Ágnes", "Нађ Агнеш"),
        ("Kovács Zsolt", "Kovač Žolt"),
        ("Παπαδόπουλος Γεώργιος", "Papadopoulos Georgios"),
        ("Αντωνίου Μελίχ", "Antoniou Melih"),
        ("Μπέης Αντνάν", "Beis Adnan"),
        ("محمد علي", "Muhammad Ali"),
        ("محمد علي", "Mohamed Aly"),
        ("يوسف الحسيني", "Youssef al-Husseini"),
        ("Yusuf Hussain", "Jusuf Husein"),
        ("Osama bin Ladan", "Usama ibn Ladan"),
        ("Sergeeff Ivan", "Сергеев Иван"),
        ("Sergeev Ivan", "Sergeew Iwan"),
        ("Cemal Cevdet", "Џемал Џевдет"),
        ("Anna Philippa Sorou", "Ana Filipa Soru"),
        ("王丽娜", "Wang Lina"),
        ("김정남", "Kim Jong-nam"),
        ("バラク・オサダ", "Baraku Osada"),
        ("Կարեն Բարակյան", "Karen Barakyan"),
        ("ნიკა ბერიძე", "Nika Beridze"),
        ("Marković, Ana Marija", "Ana Marković"),
        ("Marković Ilić, Ana", "Ilić, Ana"),
        ("Petrov Ivan Sergeevich", "Ivan Petrov"),
        ("Dr. Besnik Gjonaj", "Besnik Gjonaj"),
        ("Besnik Gjonajj", "Besnik Gjonaj"),
        ("O'Connor Siobhan", "OCONNOR SIOBHAN"),
        ("Ig0r Beric", "Igor Berić"),
    ],
)
def test_names_agree_across_scripts_spellings_and_order(one: str, other: str) -> None:
    assert names(one, other).name_verdict is Verdict.MATCH
    swapped = " ".join(reversed(other.replace(",", " ").split()))
    assert names(one, swapped).name_verdict is Verdict.MATCH


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Petrović Dragan", "Petrović Dragana"),
        ("Петровић Драган", "Petrović Dragana"),
        ("Zborovan Ostojan", "Zborovan Ostojana"),
        ("Petrović Goran", "Petrović Zoran"),
        ("Petrović Goran", "Petković Goran"),
        ("Marković Jovan", "Marković Ivan"),
        ("Marković Marko", "Marković Mirko"),
        ("Marković Milan", "Marković Milena"),
        ("Hodžić Emir", "Hodžić Amra"),
        ("Krasniqi Agim", "Krasniqi Hakim"),
        ("Ivanov Georgi Petrov", "Ivanov Georgi Dimitrov"),
        ("محمد علي", "محمود علي"),
        ("محمد علي", "Mahmud Ali"),
        ("Ana Marković", "Marković"),
        ("Xhaferi Agron", ""),
    ],
)
def test_other_names_do_not_agree(one: str, other: str) -> None:
    assert names(one, other).name_verdict is not Verdict.MATCH


def test_one_word_of_a_name_is_possible_and_another_name_is_no_match() -> None:
    assert names("Petrović Dragan", "Petrović Dragana").name_verdict is Verdict.NO_MATCH
    assert names("Xhaferi Agron", "Hoxha Besnik").name_likeness == 0
    assert names("Ana Marković", "Marković").name_verdict is Verdict.POSSIBLE


@pytest.mark.parametrize(
    ("one", "other"), [("Abdul Rahman Karimzade", "Abdulrahman Karimzade"), ("AgronXhaferi", "Agron Xhaferi")]
)
def test_words_written_together_or_apart_agree(one: str, other: str) -> None:
    assert names(one, other).name_verdict is Verdict.MATCH


@pytest.mark.parametrize(
    ("one", "other", "way"),
    [
        ("Tirkan", "Tirkon", Way.SLIP),
        ("Tirkan", "Kirkan", Way.LETTER),
        ("Tirkovan", "Virkovan", Way.SLIP),
        ("Tirkan", "Tirkanu", Way.SLIP),
        ("Tirk", "Virk", Way.LETTER),
        ("Tir", "Vir", None),
        ("T", "Tirkan", Way.INITIAL),
        ("Michael", "Mihajlo", Way.LANGUAGE),
        ("Ig0r", "Igor", Way.SPELLING),
    ],
)
def test_the_way_in_which_two_words_agree(one: str, other: str, way: Way | None) -> None:
    """A slip in the first letter, where eyes look, or in a short word may well be another name."""
    alike = likeness(*read_name(one), *read_name(other))
    assert (alike.way if alike else None) == way
