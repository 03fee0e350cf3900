"""Tables that people fill in with a spreadsheet: reading them safely, and writing them.

Reading trusts nothing. The file is unpacked within limits and its XML is streamed (no tree, no DTD), so that a table
of 100,000 rows or a zip bomb costs no more than the first row too many. What a person cannot mean or did not type is
refused with the cell: formulas, merged cells, error values, control characters. What is only untidy is tidied:
non-breaking spaces become spaces, 12.0 is 12, empty rows and formats below the table are passed over.

Hidden sheets are not read, because what is taken over must be what somebody saw; hidden rows and columns are.
Sheets beside those a caller asks for may hold anything.

Writing gives the same bytes for the same content. A text stays a text whatever it begins with, so that nothing that
a person typed becomes a formula.
"""

from common.xlsx.reading import read_workbook
from common.xlsx.tables import Cell, CellProblem, Limits, Row, Table, WorkbookError
from common.xlsx.writing import Column, Sheet, write_workbook

__all__ = [
    "Cell",
    "CellProblem",
    "Column",
    "Limits",
    "Row",
    "Sheet",
    "Table",
    "WorkbookError",
    "read_workbook",
    "write_workbook",
]
