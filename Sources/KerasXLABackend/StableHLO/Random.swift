import KerasGraph

/// ``CounterRandom`` by position, as ``RandomKernel`` says: the same words bit for bit.
extension RandomOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, lengths) = (node.hlo, node.output.lengths)
    let words = hlo.bitcast(node.inputs[0], to: .ui64)
    func word(_ place: Int) -> HLOValue {
      hlo.reshape(hlo.slice(words, from: [place], to: [place + 1]), to: [])
    }
    let (seed, stream) = (word(0), word(1))
    let places = hlo.reshape(hlo.iota([node.output.elementCount], axis: 0, .ui64), to: lengths)
    let first = hlo.binary("shift_left", stream, hlo.integer(40, .ui64))
    let counter = hlo.add(hlo.broadcast(first, to: lengths), places)

    func bits(seed: HLOValue) -> HLOValue {
      let mixed = hlo.select(hlo.compare("EQ", seed, 0), hlo.constant(0, .ui64), hlo.finalized(seed))
      return hlo.finalized(hlo.binary("xor", counter, hlo.broadcast(mixed, to: lengths)))
    }
    /// Box and Muller's number, as float64.
    func normal(seed: HLOValue) -> HLOValue {
      let bits = bits(seed: seed)
      let upper = hlo.convert(hlo.shifted(bits, right: 32), to: .f64)
      let lower = hlo.convert(
        hlo.binary("and", bits, hlo.integer(UInt32.max, .ui64, lengths)), to: .f64)
      let u1 = hlo.binary("multiply", hlo.binary("add", upper, 1), 0x1p-32)
      let radius = hlo.unary("sqrt", hlo.binary("multiply", hlo.unary("log", u1), -2))
      return hlo.multiply(radius, hlo.unary("cosine", hlo.binary("multiply", lower, 2 * Double.pi * 0x1p-32)))
    }
    func scaled(_ number: HLOValue, _ mean: Float, _ deviation: Float) -> HLOValue {
      let product = hlo.binary("multiply", hlo.convert(number, to: .f32), Double(deviation))
      return hlo.binary("add", product, Double(mean))
    }
    /// 24 bits, from 0 to below 1.
    func uniform() -> HLOValue {
      hlo.binary("multiply", hlo.convert(hlo.shifted(bits(seed: seed), right: 40), to: .f32), 0x1p-24)
    }

    switch distribution {
    case .uniform(let low, let high):
      var product = hlo.binary("multiply", uniform(), Double(high - low))
      if low != 0, (high - low).isFinite {
        // Changes no number, but keeps the compiler from rounding product and sum only once.
        product = hlo.binary("minimum", product, Double(Float.greatestFiniteMagnitude))
      }
      // Rounding may reach the upper end, which does not belong to the range.
      let last = low < high ? high.nextDown : high
      return [hlo.binary("minimum", hlo.binary("add", product, Double(low)), Double(last))]
    case .bernoulli(let probability):
      return [hlo.convert(hlo.compare("LT", uniform(), Double(probability)), to: .f32)]
    case .normal(let mean, let deviation):
      return [scaled(normal(seed: seed), mean, deviation)]
    case .truncatedNormal(let mean, let deviation):
      func isOutside(_ number: HLOValue) -> HLOValue { hlo.compare("GT", hlo.unary("abs", number), 2) }
      let axes = Array(lengths.indices)
      let drawn = hlo.loop(
        [seed, normal(seed: seed)],
        while: { hlo.reduce(isOutside($0[1]), axes: axes, "or", from: hlo.constant(0, .i1)) }
      ) { values in
        let next = hlo.add(values[0], hlo.integer(0x9E37_79B9_7F4A_7C15 as UInt64, .ui64))
        return [next, hlo.select(isOutside(values[1]), normal(seed: next), values[1])]
      }
      return [scaled(drawn[1], mean, deviation)]
    }
  }
}

extension HLOWriter {
  fileprivate func shifted(_ x: HLOValue, right count: Int) -> HLOValue {
    binary("shift_right_logical", x, integer(count, x.type, x.lengths))
  }

  /// SplitMix64's finaliser of 64-bit words.
  fileprivate func finalized(_ x: HLOValue) -> HLOValue {
    func word(_ bits: UInt64) -> HLOValue { integer(bits, .ui64, x.lengths) }
    func folded(_ z: HLOValue, _ count: Int) -> HLOValue { binary("xor", z, shifted(z, right: count)) }
    var z = add(x, word(0x9E37_79B9_7F4A_7C15))
    z = multiply(folded(z, 30), word(0xBF58_476D_1CE4_E5B9))
    z = multiply(folded(z, 27), word(0x94D0_49BB_1331_11EB))
    return folded(z, 31)
  }
}
