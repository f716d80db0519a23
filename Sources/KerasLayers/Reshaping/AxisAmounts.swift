import KerasGraph

extension Configuration {
  /// A number of elements before and after each of `rank` spatial axes.
  ///
  /// One number is meant for both ends of all axes, one for each axis for both of its ends, and pairs say it all;
  /// along a single axis, two numbers are the two ends. Keras 1 wrote four numbers in a row for two axes.
  fileprivate func axisAmounts(_ key: String, rank: Int) throws(KerasError) -> [AxisPadding]? {
    guard let json = value(key) else { return nil }
    if let amount = json.integer {
      return [AxisPadding](repeating: AxisPadding(amount, amount), count: rank)
    }
    let elements = json.array ?? []
    let numbers = elements.compactMap(\.integer)
    if numbers.count == elements.count, numbers.count == 2 * rank {
      return (0..<rank).map { AxisPadding(numbers[2 * $0], numbers[2 * $0 + 1]) }
    }
    let pairs = elements.compactMap { element -> AxisPadding? in
      if let amount = element.integer { return AxisPadding(amount, amount) }
      guard let pair = element.array?.compactMap(\.integer), pair.count == 2 else { return nil }
      return AxisPadding(pair[0], pair[1])
    }
    guard pairs.count == rank, elements.count == rank else {
      throw wrong(key, "a number, or a pair for each of \(rank) axes", json)
    }
    return pairs
  }
}

extension SettingCodec where Value == [AxisPadding] {
  /// A pair for each axis, of which there are as many as before; along a single axis, just the pair.
  static var amounts: SettingCodec<[AxisPadding]> {
    SettingCodec(
      reading: { (configuration, key, current) throws(KerasError) in
        try configuration.axisAmounts(key, rank: current?.count ?? 1)
      },
      writing: { amounts, key, config in
        let pairs = amounts.map { JSON([$0.before, $0.after]) }
        config[key] = pairs.count == 1 ? pairs[0] : .array(pairs)
      })
  }
}

/// Checks amounts that users give.
func checkAmounts(_ amounts: [AxisPadding], _ what: String) throws(KerasError) {
  let numbers = amounts.flatMap { [$0.before, $0.after] }
  try require(
    numbers.allSatisfy((0...ConvolutionPadding.largest).contains),
    "Expected \(what) from 0 to \(ConvolutionPadding.largest), found \(numbers).")
}
