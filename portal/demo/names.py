"""Names, towns and employers that the demo institute is made of. All invented."""

FIRST_NAMES = """
Amina Andrew Angela Asha Beth Brian Bronwen Carol Catherine Chidi Claire Colin Daniel David Deepa
Donna Eilidh Elin Elizabeth Emma Farah Fiona Gareth Gemma George Grace Graham Hannah Hassan Helen
Huw Ian Imran Isla Jack James Jane Janet Jasmine Joanne John Joyce Julie Karen Kate Kevin Kofi
Laura Leanne Lewis Linda Louise Lucy Maria Mark Martin Mary Megan Michael Mohammed Naomi Natalie
Neil Nia Nicola Nisha Olivia Omar Owen Patricia Paul Pauline Peter Philip Priya Rachel Rebecca
Rhys Richard Robert Rosemary Ruth Ryan Sadia Samantha Sandra Sarah Sean Shazia Simon Siân Sophie
Stephen Steven Stuart Susan Tariq Thomas Tracey Valerie Victoria Wendy William Yasmin Yusuf Zoe
""".split()

MEN = frozenset(
    """
Andrew Brian Chidi Colin Daniel David Gareth George Graham Hassan Huw Ian Imran Jack James John
Kevin Kofi Lewis Mark Martin Michael Mohammed Neil Omar Owen Paul Peter Philip Rhys Richard Robert
Ryan Sean Simon Stephen Steven Stuart Tariq Thomas William Yusuf
""".split()
)

LAST_NAMES = """
Adeyemi Ahmed Allen Anderson Bailey Baker Barnes Begum Bell Bennett Brennan Brooks Butler Campbell
Carter Chapman Clarke Collins Cook Cooper Cox Davies Dixon Edwards Evans Fletcher Foster Gallagher
Gibson Graham Gray Green Griffiths Hall Harris Harrison Harvey Henderson Hill Holmes Hughes Hunt
Hussain Iqbal Jackson James Jenkins Johnson Jones Kaur Kelly Kennedy Khan King Knight Lee Lewis
Lloyd Marshall Martin Mason Matthews McCarthy Mills Mitchell Moore Morgan Morris Murphy Murray
Nwosu Okafor Osei Owen Palmer Parker Patel Phillips Powell Price Reid Reynolds Richards Roberts
Robinson Rogers Russell Ryan Scott Shaw Simpson Singh Smith Stevens Stewart Taylor Thomas Thompson
Turner Walker Walsh Ward Watson Webb White Wilkinson Williams Wilson Wood Wright Young
""".split()

# Town, postcode area and district, the part of its phone numbers set aside for fiction (Ofcom).
TOWNS = [
    ("Leeds", "LS", "0113 496 0"),
    ("Sheffield", "S", "0114 496 0"),
    ("Nottingham", "NG", "01632 960 "),
    ("Leicester", "LE", "0116 496 0"),
    ("Bristol", "BS", "0117 496 0"),
    ("Reading", "RG", "0118 496 0"),
    ("Birmingham", "B", "0121 496 0"),
    ("Liverpool", "L", "0151 496 0"),
    ("Manchester", "M", "0161 496 0"),
    ("London", "SE", "020 7946 0"),
    ("Newcastle upon Tyne", "NE", "0191 498 0"),
    ("Cardiff", "CF", "029 2018 0"),
    ("Belfast", "BT", "028 9649 6"),
]

STREETS = """
Albion|Ash|Bridge|Castle|Chapel|Church|Cross|Elm|Garden|George|Green|Hill|King|Lime|Market|Mill|
Moor|New|North|Oak|Orchard|Park|Priory|Queen|Regent|River|School|Station|Tower|Vicarage|Victoria|
Water|Well|West|Wharf|Willow
""".replace("\n", "").split("|")

# Name pattern and organisation type; {} is the town.
EMPLOYERS = [
    ("Citizens Advice {}", "Citizens Advice"),
    ("{} City Council Money Advice", "Local authority"),
    ("{} Homes", "Housing association"),
    ("{} Law Centre", "Law centre"),
    ("{} Community Money Advice", "Church or community money advice"),
    ("{} Independent Advice Centre", "Independent advice agency"),
    ("{} Credit Union", "Credit union"),
    ("{} Students’ Union Advice", "University or student union"),
]

ROLES = [
    ("Money adviser / caseworker", 46),
    ("Specialist or court adviser", 14),
    ("Supervisor or manager", 14),
    ("Trainee adviser", 10),
    ("Initial contact / support", 8),
    ("Policy or training", 8),
]
