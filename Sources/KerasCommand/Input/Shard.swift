import ArgumentParser

/// Every N-th picture of a walk, so that several processes share the work: `2/8` is the second of eight.
struct Shard: Equatable, ExpressibleByArgument, CustomStringConvertible {
  /// From 1.
  let number: Int
  let count: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1],
      (1...1_000_000).contains(count), (1...count).contains(number)
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Whether the picture at a position of the walk, from 0, is one of its own.
  func takes(_ position: Int) -> Bool { position % count == number - 1 }

  /// Where its `place`-th picture, from 0, stands in the walk.
  func position(of place: Int) -> Int { place * count + number - 1 }

  var description: String { "\(number)/\(count)" }
}

/// The option, in words that every command shares.
struct ShardOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take every N-th picture only, from the I-th, as one of N processes that share the work.",
      valueName: "I/N"))
  var shard: Shard?
}
