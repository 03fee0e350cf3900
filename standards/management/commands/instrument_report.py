from collections import Counter
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from common.yamlfile import DataFileError
from standards.instruments import INSTRUMENTS_DIR, InstrumentSpec, Scope, load_instrument
from standards.items import ItemSpec, Kind
from standards.library import load_library

KINDS: tuple[Kind, ...] = get_args(Kind)
WHOLE = Scope(key="lengkap", name="Lengkap", about="semua pertanyaan")
PEOPLE = 3  # who fill in an evaluation together; only to make the minutes imaginable


def words(item: ItemSpec) -> int:
    """Words that somebody reads before answering: question, levels or points, figures, help."""
    texts = [item.question, item.help, *item.levels.values(), *(point.text for point in item.points or ())]
    if item.ratio:
        texts += [item.ratio.count, item.ratio.of, item.ratio.where]
    return sum(len(text.split()) for text in texts)


class Command(BaseCommand):
    help = "Mencetak isi instrumen per bentuk sekolah dan cakupan: pertanyaan, jenis, kata, menit. Tanpa basis data."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("instrument", help="kunci instrumen, misalnya eds-snp")
        parser.add_argument(
            "--edition", default="", help="versi, misalnya 2025.1, juga yang masih draf; tanpa ini yang terbaru"
        )

    def handle(self, *args: Any, instrument: str, edition: str, **options: Any) -> None:
        try:
            spec = self.find(instrument, edition)
        except DataFileError as error:
            lines = "\n".join(str(problem) for problem in error.problems)
            raise CommandError(f"{len(error.problems)} masalah:\n{lines}") from None
        self.stdout.write(f"{spec.title}, {spec.instrument} versi {spec.version}")
        for scope in spec.scopes or (WHOLE,):
            self.stdout.write(f"\nCakupan {scope.name} ({scope.key})")
            head = ["bentuk", spec.labels.standard, "soal", "dapat", "belum", *KINDS, "kata"]
            if spec.minutes:
                head += ["menit", f"jam/{PEOPLE} orang"]
            self.print_row(head)
            for form in spec.forms:
                self.print_row(self.cells(spec, scope, form))
        if not all(item.answerable for item in spec.items):
            self.stdout.write("\nbelum: judulnya belum diketahui, jadi belum dapat dijawab dan dihitung belum terisi.")

    def find(self, instrument: str, edition: str) -> InstrumentSpec:
        """The named version, also one that is still being written. Raises CommandError, DataFileError."""
        known = sorted(path.name for path in INSTRUMENTS_DIR.iterdir())
        if instrument not in known:
            raise CommandError(f"Instrumen “{instrument}” tidak ada. Yang ada: {', '.join(known)}.")
        library = load_library()
        if not edition:
            try:
                return library.newest(instrument)
            except KeyError:
                raise CommandError(f"Semua versi “{instrument}” masih draf; sebutkan satu dengan --edition.") from None
        editions = sorted(path.name for path in (INSTRUMENTS_DIR / instrument).iterdir())
        if edition not in editions:
            raise CommandError(f"Versi {edition} dari “{instrument}” tidak ada. Yang ada: {', '.join(editions)}.")
        return load_instrument(
            INSTRUMENTS_DIR / instrument / edition, library.catalogue, {basis.key for basis in library.legal_bases}
        )

    def cells(self, spec: InstrumentSpec, scope: Scope, form: str) -> list[str]:
        items = spec.items_for(form, scope=scope.key if spec.scopes else "")
        open_items = [item for item in items if item.answerable]
        count = Counter(item.kind for item in open_items)
        cells = [form, str(len({item.standard for item in items})), str(len(items))]
        cells += [str(len(open_items)), str(len(items) - len(open_items))]
        cells += [str(count[kind]) for kind in KINDS]
        cells.append(str(sum(map(words, open_items))))
        if spec.minutes:
            minutes = sum(spec.minutes[item.kind] for item in open_items)
            cells += [str(minutes), f"{minutes / 60 / PEOPLE:.1f}".replace(".", ",")]
        return cells

    def print_row(self, cells: list[str]) -> None:
        self.stdout.write("  ".join(f"{cell:>9}" for cell in cells))
