import KerasFiles
import KerasModels

/// Writes every sample in every format, and beside them `NAME.npz` with `input0`…, `output0`…, `weight0`….
func writeSamples(to folder: String) throws(KerasError) {
  for (number, sample) in try Architectures.all().enumerated() {
    try within(sample.name) { () throws(KerasError) in
      let model = sample.model
      try model.fillWithNumbers(seed: UInt64(number))
      let inputs = model.inputs.enumerated().map { index, input in
        numbers(input.shape, number: index, seed: UInt64(1000 + number), vocabulary: sample.vocabulary)
      }
      let outputs = try model.predict(inputs)
      let place = "\(folder)/\(sample.name)"
      for ending in ["keras", "h5", "json"] { try model.save(to: "\(place).\(ending)") }
      try model.saveWeights(to: "\(place).weights.h5")
      try model.saveWeights(to: "\(place)-weights.h5")
      var arrays: [String: Tensor] = [:]
      for (index, input) in inputs.enumerated() { arrays["input\(index)"] = input }
      for (index, output) in outputs.enumerated() { arrays["output\(index)"] = output }
      for (index, weight) in model.weights.enumerated() { arrays["weight\(index)"] = weight.value }
      try NumPy.saveArchive(arrays, to: "\(place).npz")
      print("wrote \(sample.name)")
    }
  }
}

/// Five samples of uniform numbers in [-1, 1), or integers below `vocabulary`.
private func numbers(_ shape: Shape, number: Int, seed: UInt64, vocabulary: Int?) -> Tensor {
  let lengths = [5] + shape.dropFirst().map { $0 ?? 3 }
  let random = CounterRandom(seed: seed)
  func uniform(_ index: Int) -> Double { random.uniform(stream: UInt64(number), at: UInt64(index)) }
  guard let vocabulary else {
    return Tensor(uninitialized: lengths, Float.self) { elements in
      for i in elements.indices { elements[i] = Float(2 * uniform(i) - 1) }
    }
  }
  return Tensor(uninitialized: lengths, Int32.self) { elements in
    for i in elements.indices { elements[i] = Int32(uniform(i) * Double(vocabulary)) }
  }
}

extension Model {
  /// Gives every weight numbers of its own; variances are positive, counts whole.
  fileprivate func fillWithNumbers(seed: UInt64) throws(KerasError) {
    let random = CounterRandom(seed: seed)
    for (number, weight) in weights.enumerated() {
      let offset: Float = weight.name.hasSuffix("variance") ? 0.75 : weight.name == "gamma" ? 1 : 0
      let values = Tensor(uninitialized: weight.shape, Float.self) { elements in
        for i in elements.indices {
          elements[i] = Float(random.uniform(stream: UInt64(number), at: UInt64(i)) - 0.5) + offset
        }
      }
      try weight.assign(values.converted(to: weight.dataType))
    }
  }
}
