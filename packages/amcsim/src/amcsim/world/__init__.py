"""The synthetic world of an instance: people, campaigns, traffic, journeys, and AMC's tables as views
over them.
"""
