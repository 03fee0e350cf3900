"""The demonstration: made-up schools with a believable year, built through the services.

People, documents and what happened when are data (``*.yaml``); ``specs`` reads them, ``files`` makes the
evidence files, ``build`` lets it all happen.
"""
