import KerasGraph

// Operations that pick, order and index, each straight from its description.

private func outside(_ index: Double, _ length: Int) -> KerasError {
  KerasError(.invalidArgument, "The index \(index) is outside an axis of \(length) elements.")
}

func gather(_ operation: GatherOperation, _ inputs: [NaiveTensor], _ shape: [Int]) throws(KerasError)
  -> NaiveTensor
{
  let (x, indices, axis) = (inputs[0], inputs[1], operation.axis)
  let length = x.shape[axis]
  for index in indices.elements where !(0..<Double(length)).contains(index) { throw outside(index, length) }
  return NaiveTensor(shape) { index in
    switch operation.kind {
    case .slices:
      let place = Array(index[axis..<axis + indices.shape.count])
      return x[index[..<axis] + [Int(indices[place])] + index[(axis + place.count)...]]
    case .elements:
      var source = index
      source[axis] = Int(indices[index])
      return x[source]
    }
  }
}

func scatterAdd(
  _ operation: ScatterAddOperation, _ inputs: [NaiveTensor], _ output: TensorSpec
) throws(KerasError) -> NaiveTensor {
  let (updates, indices, axis) = (inputs[0], inputs[1], operation.axis)
  let shape = output.shape.compactMap { $0 }
  for index in indices.elements where !(0..<Double(shape[axis])).contains(index) {
    throw outside(index, shape[axis])
  }
  var result = NaiveTensor(shape) { _ in 0 }
  for index in allIndices(of: updates.shape) {
    var target = index
    switch operation.kind {
    case .slices:
      let place = Array(index[axis..<axis + indices.shape.count])
      target = index[..<axis] + [Int(indices[place])] + index[(axis + place.count)...]
    case .elements: target[axis] = Int(indices[index])
    }
    result.elements[result.offset(target)] += updates[index]
  }
  return result
}

func argumentReduction(
  _ operation: ArgumentReductionOperation, _ input: NaiveTensor, _ shape: [Int]
) -> NaiveTensor {
  NaiveTensor(shape) { index in
    var place = index
    if operation.keepsDimensions { place[operation.axis] = 0 } else { place.insert(0, at: operation.axis) }
    let line = input.line(through: place, axis: operation.axis)
    let best = operation.function == .maximum ? line.max() : line.min()
    return Double(line.firstIndex { $0 == best } ?? 0)
  }
}

/// Values and positions, by insertion.
func sort(_ operation: SortOperation, _ input: NaiveTensor) -> [NaiveTensor] {
  var (values, positions) = (input, input)
  for index in allIndices(of: input.shape) where index[operation.axis] == 0 {
    var sorted: [(value: Double, position: Int)] = []
    for (position, value) in input.line(through: index, axis: operation.axis).enumerated() {
      let place = sorted.firstIndex { operation.isDescending ? $0.value < value : $0.value > value }
      sorted.insert((value, position), at: place ?? sorted.count)
    }
    for (place, element) in sorted.enumerated() {
      var target = index
      target[operation.axis] = place
      values.elements[input.offset(target)] = element.value
      positions.elements[input.offset(target)] = Double(element.position)
    }
  }
  return [values, positions]
}

func cumulative(_ operation: CumulativeOperation, _ input: NaiveTensor) -> NaiveTensor {
  NaiveTensor(input.shape) { index in
    let line = input.line(through: index, axis: operation.axis)
    let place = index[operation.axis]
    let seen = operation.isReversed ? line[place...].reversed() : Array(line[...place])
    let gathered = operation.isExclusive ? Array(seen.dropLast()) : Array(seen)
    switch operation.function {
    case .sum: return gathered.reduce(0, +)
    case .product: return gathered.reduce(1, *)
    case .maximum: return gathered.reduce(-.infinity, Swift.max)
    case .minimum: return gathered.reduce(.infinity, Swift.min)
    }
  }
}
