"""Captures as Spark tables: one row per notification, read by the program pushscope in the executors.

    import pushscope_spark
    pushscope_spark.register(spark)
    spark.read.format("pushscope").load("/mnt/archive/*.pcap*")
    spark.read.format("pushscope_files").load("/mnt/archive/*.pcap*")

Nothing is dissected here: `inputs` decides which captures are read together, `run` starts the program and turns its lines into
Arrow batches, `source` is what Spark sees.
"""

from .source import PushscopeFiles, PushscopeNotifications, register

__all__ = ["PushscopeFiles", "PushscopeNotifications", "register"]
