"""Planted cases, modelled on published ones, and hard negatives: innocents who look like them.

stage       where a case is played: it notes what is told, of whom, and what must come of it
smuggling   what smugglers do: forerunner, network, driver who continues, converted van, hidden people, wave
watching    what is watched for: watchlist, known vehicle, cloned plate, stolen passport
lookalikes  vehicles and persons that resemble others
bystanders  vehicles and persons that are met at incidents and have no part in them
corrections what is taken back, said twice or only rehearsed
catalogue   all of them
"""
