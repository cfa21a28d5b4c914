"""How people write lists of numbers: bytes of a CSV or Excel file to rows, rows to lines or faults.

`numbering.port_sheet` is the door; it reads from top to bottom what these modules do in turn.
"""
