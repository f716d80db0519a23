import KerasGraph

extension GraphBuilder {
  /// Windows of pictures `[batch, height, width, channels]` as channels, `[batch, rows, columns, pixels · channels]`.
  package func patches(_ pictures: Value, window: Window) throws(KerasError) -> Value {
    guard let channels = shape(of: pictures).last ?? nil else {
      throw KerasError(
        .shapeMismatch, "Patches need to know the channels of pictures, found \(spec(of: pictures)).")
    }
    let count = window.size.reduce(channels) { $0.multipliedReportingOverflow(by: $1).partialValue }
    try require(
      window.size.allSatisfy { $0 > 0 } && (1...1 << 12).contains(count),
      "Patches of \(window.size) pixels and \(channels) channels are not possible; up to 4096 numbers are.")
    var identity = [Float](repeating: 0, count: count * count)
    for index in 0..<count { identity[index * count + index] = 1 }
    let kernel = numbers(identity, window.size + [channels, count]).cast(to: spec(of: pictures).dataType)
    return try convolution(pictures, kernel: kernel.value, window: window)
  }

  /// The value of `x` at places between its elements, one tensor of places for each axis.
  ///
  /// Numbers are those of `keras.ops.image.map_coordinates` on TensorFlow, oddities of its mirrors included.
  package func values(
    of x: RecordedValue, at places: [RecordedValue], _ sampling: PictureSampling,
    _ filling: CoordinateFilling,
    value: Double
  ) throws(KerasError) -> RecordedValue {
    let spec = try x.spec
    guard let lengths = spec.shape.known, lengths.count == places.count, (1...4).contains(places.count),
      let count = spec.shape.elementCount, count > 0, count <= Int(Int32.max)
    else {
      throw KerasError(
        .shapeMismatch, "Places of \(places.count) coordinates do not fit a tensor \(spec).",
        remedy: "give one tensor of places for each axis, of which there are one to four.")
    }
    // Whole places before and after on each axis, with their weights.
    let nodes = places.map { place -> [(index: RecordedValue, weight: RecordedValue?)] in
      guard sampling == .bilinear else { return [(place.applying(.round), nil)] }
      let before = place.applying(.floor)
      return [(before, 1 - (place - before)), (before + 1, place - before)]
    }
    let flat = x.reshaped([count])
    var sum: RecordedValue?
    for corner in 0..<(sampling == .bilinear ? 1 << places.count : 1) {
      var (index, weight, isInside): (RecordedValue?, RecordedValue?, RecordedValue?)
      for (axis, length) in lengths.enumerated() {
        let node = nodes[axis][sampling == .bilinear ? corner >> (places.count - 1 - axis) & 1 : 0]
        let place = filling.inside(node.index, length)
        if filling == .constant {
          let fits = (node.index .>= 0).and(node.index .< Double(length))
          isInside = isInside?.and(fits) ?? fits
        }
        let whole = place.cast(to: .int32)
        index = index.map { $0 * Double(length) + whole } ?? whole
        if let more = node.weight { weight = weight.map { $0 * more } ?? more }
      }
      guard let index else { continue }
      var part = flat.gathered(at: index)
      if let isInside { part = part.kept(where: isInside, else: value) }
      if let weight { part = weight * part }
      sum = sum.map { $0 + part } ?? part
    }
    return sum ?? x
  }
}

/// What is found beyond the ends of an axis at places between elements. Raw values are Keras'.
public enum CoordinateFilling: String, SettingValue, Hashable, Sendable, CaseIterable {
  case constant, nearest, wrap, mirror, reflect

  /// Where among `length` elements a whole place is found.
  func inside(_ place: RecordedValue, _ length: Int) -> RecordedValue {
    let n = Double(length)
    switch self {
    case .constant, .nearest: return place.clipped(0, n - 1)
    case .wrap: return place.combined(.remainder, with: n).clipped(0, n - 1)
    case .mirror, .reflect:
      let folded = place.applying(.absolute).combined(.remainder, with: 2 * n)
      let returned = 2 * n - folded - (self == .reflect ? 1 : 0)
      return folded.kept(where: folded .< n, else: returned).clipped(0, n - 1)
    }
  }
}
