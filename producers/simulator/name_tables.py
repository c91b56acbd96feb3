"""Common given and family names of the region, put together at random: nobody in particular is meant.

Macedonian names stand in Cyrillic, all others in their own Latin letters; the commoner ones come first.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Names:
    """Given names of men and women, and family names."""

    men: tuple[str, ...]
    women: tuple[str, ...]
    families: tuple[str, ...]


def _names(men: str, women: str, families: str) -> Names:
    return Names(tuple(men.split()), tuple(women.split()), tuple(families.split()))


def _patronymics(roots: str) -> str:
    return " ".join(f"{root}{'ević' if root[-1] in 'jšžčćđ' else 'ović'}" for root in roots.split())


NAMES: Final = {
    "sr": _names(
        "Dragan Zoran Milan Goran Marko Nikola Dejan Aleksandar Miloš Đorđe Stefan Nemanja Vladimir Slobodan Branislav "
        "Nenad Saša Predrag Ljubiša Živko Njegoš Čedomir Ognjen Uroš Božidar Radovan Srđan Željko Dušan Vuk",
        "Marija Jelena Milica Dragana Gordana Ljiljana Snežana Ivana Nada Nađa Vesna Đurđica Jasmina Živka Biljana",
        _patronymics("Petr Jovan Mark Đorđ Pavl Stojan Miloš Živk Radosavlj Vuk Bogdan Stevan Todor Simon")
        + " Nikolić Ilić Savić Tošić Lukić Đurić Kostić Babić Mladenović Cvetković Ristić Popović Tadić Čolić Šarić "
        "Ćirić Džodić Njegić Ljubičić Žigić Zdravković Aćimović Obradović Vasiljević Veljković Mihajlović Gajić Đukić",
    ),
    "hr": _names(
        "Ivan Josip Marko Ante Tomislav Stjepan Željko Mario Krešimir Hrvoje Zvonimir Luka Domagoj Darko Mladen Šime "
        "Juraj Filip Petar Vjekoslav Krunoslav Andrija Igor Zdravko Matija",
        "Ana Marija Ivana Kata Željka Mirjana Sanja Nikolina Jadranka Đurđa Branka Božica Lucija",
        "Horvat Kovačević Babić Marić Jurić Novak Kovačić Knežević Vuković Matić Tomić Blažević Grgić Pavić Perić "
        "Radić Šarić Lovrić Filipović Božić Jukić Barišić Galić Šimić Brkić Vidović Ćosić Đurđević Žagar Čavlović "
        "Mikulić Bašić Jelavić Šoštarić Župan Mihaljević Rukavina Krznarić Ljubić Njavro",
    ),
    "bs": _names(
        "Emir Mirza Adnan Amir Jasmin Senad Nermin Mehmed Edin Haris Kenan Almir Džemal Enver Sulejman Hasan Fikret "
        "Muhamed Admir Šefik Vahid Zijad Izet Nedžad",
        "Amina Emina Fatima Lejla Selma Džana Mirela Azra Hatidža Sabina Merima Alma",
        "Hodžić Hadžić Delić Begić Mujić Suljić Halilović Omerović Čaušević Šehić Džaferović Ibrahimović Bešić Smajić "
        "Mehić Kovačević Avdić Alić Husić Imamović Karić Ramić Salihović Mušić Hasanović Đozić Žilić Ćatić Muratović",
    ),
    "sl": _names(
        "Franc Janez Anton Marko Ivan Andrej Jožef Luka Peter Matej Tomaž Boštjan Aleš Žiga Rok Uroš Gašper Blaž "
        "Sašo Miha Matjaž Jernej",
        "Marija Ana Maja Irena Mojca Mateja Nina Barbara Katja Špela Tjaša Neža",
        "Novak Horvat Krajnc Zupančič Kovačič Mlakar Vidmar Kos Golob Turk Božič Kralj Zupan Bizjak Hribar Kotnik "
        "Kavčič Rozman Oblak Žagar Petek Košir Kolar Čeh Šuštar Jerman Štrukelj Lah Pečnik Čuk Žnidaršič Železnik",
    ),
    "mk": _names(
        "Александар Горан Зоран Драган Никола Стефан Ѓорѓи Љупчо Ванчо Кирил Методија Бошко Наќе Џордан Живко Цветан "
        "Борче Ристо Тоде Дарко Митко Ѓоко Славчо Игор",
        "Марија Елена Весна Снежана Биљана Ѓурѓица Љубица Светлана Тања Даниела Верица Цвета",
        "Стојановски Петровски Јовановски Николовски Ристовски Ѓорѓиевски Димитриевски Трајковски Ѓошевски Цветковски "
        "Кузмановски Крстевски Наќев Ѓорчев Митрев Апостолов Шутаров Жежов Џамбазов Костов Ангелов Илиев Тодоров "
        "Велков Бошковски Љубевски Њаков Андонов Зафиров Чаловски",
    ),
    "sq": _names(
        "Agim Arben Besnik Ilir Luan Xhavit Nexhat Gëzim Shpëtim Çlirim Naim Driton Fatos Artan Bujar Xhemal Petrit "
        "Dritan Genc Gjergj Qazim Rexhep Valon Blerim Enver Shkëlzen Astrit Dhimitër",
        "Vjosa Teuta Drita Mimoza Shpresa Arta Albana Lule Vlora Xhevahire Fatime Qëndresa",
        "Hoxha Krasniqi Gashi Berisha Shala Morina Shehu Xhaferi Çela Dervishi Gjoka Basha Kelmendi Bytyqi Thaçi "
        "Ahmeti Hyseni Bajrami Rexhepi Jashari Zeqiri Qosja Xhemajli Gjonaj Lleshi Prifti Dushku Kuqi Myftiu Sejdiu "
        "Hasani Osmani Limani Shabani Mehmeti Halili Elezi Dibra",
    ),
    "hu": _names(
        "László István József János Zoltán Sándor Gábor Ferenc Attila Péter Tamás György Csaba Zsolt Balázs",
        "Mária Erzsébet Ilona Katalin Éva Zsuzsanna Ágnes Judit",
        "Nagy Kovács Tóth Szabó Horváth Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász Mészáros Oláh "
        "Fehér Szűcs Pintér Gál Csizmadia Zsoldos",
    ),
    "de": _names(
        "Thomas Michael Andreas Stefan Jürgen Günther Wolfgang Jörg Lukas Florian Björn Heinz Klaus Bernd",
        "Anna Maria Ursula Sabine Käthe Bärbel Julia Petra",
        "Müller Schmidt Gruber Huber Wagner Bauer Pichler Steiner Moser Mayer Hofer Böhm Schäfer Köhler Groß Weiß "
        "Fuchs Schneider Lang Jäger",
    ),
    "it": _names(
        "Marco Giuseppe Antonio Giovanni Luca Andrea Paolo Matteo Alessandro Niccolò",
        "Maria Anna Giulia Francesca Chiara Lucia",
        "Rossi Russo Ferrari Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa Giordano Nicolò",
    ),
    "ro": _names(
        "Ion Gheorghe Vasile Andrei Ștefan Mihai Adrian Radu Florin Cătălin",
        "Maria Elena Ioana Andreea Mihaela",
        "Popa Popescu Ionescu Radu Dumitru Stan Stoica Gheorghe Munteanu Țăran Mureșan Lungu Bălan",
    ),
    "bg": _names(
        "Georgi Ivan Dimitar Petar Nikolay Hristo Stoyan Plamen Todor Valentin",
        "Mariya Ivanka Elena Yordanka Penka",
        "Ivanov Georgiev Dimitrov Petrov Nikolov Hristov Stoyanov Todorov Iliev Vasilev Atanasov Angelov",
    ),
    "el": _names(
        "Georgios Dimitrios Konstantinos Ioannis Nikolaos Panagiotis",
        "Maria Eleni Aikaterini Vasiliki Sofia",
        "Papadopoulos Georgiou Dimitriou Nikolaidis Karagiannis Vlachos Makris Oikonomou",
    ),
    "far": _names(
        "Ahmad Mohammad Ali Hassan Omar Karim Yusuf Abdul Farid Hamid Ibrahim Mustafa Nasir Rashid Samir Tariq Zahir "
        "Bilal Imran Khalid",
        "Fatima Zahra Maryam Amina Layla Nour Sara Rana",
        "Ahmadi Rahimi Hussaini Khan Mohammadi Karimi Noori Amiri Hashimi Haidari Safi Sharif Yilmaz Kaya Demir Ali "
        "Hassan Ibrahim Khalil Mansour Saleh Nasser",
    ),
}  # fmt: skip
"""By tongue: Serbian, Croatian, Bosnian, Slovene, Macedonian, Albanian, … and ``far`` for those who come from afar."""
