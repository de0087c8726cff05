// All parsers at once, whatever their number and that of the processors: the whole takes as long as one of them.
[assembly: CollectionBehavior(MaxParallelThreads = -1)]
