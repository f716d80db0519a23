import Glibc
import KerasGraph

/// `Σ image[n, p·stride + t·dilation − padding, c] · kernel[t, c, f]` over taps t, channels c.
func convolution(_ operation: ConvolutionOperation, _ inputs: [NaiveTensor], _ shape: [Int]) -> NaiveTensor {
  let (image, kernel, window) = (inputs[0], inputs[1], operation.window)
  let taps = allIndices(of: window.size)
  let channelsPerGroup = kernel.shape[window.rank]
  let filtersPerGroup = shape[window.rank + 1] / operation.groups
  let sums = NaiveTensor(shape) { index in
    let filter = index[window.rank + 1]
    let firstChannel = filter / filtersPerGroup * channelsPerGroup
    var sum = 0.0
    for tap in taps {
      guard let pixel = pixel(under: tap, of: window, at: index, image.shape) else { continue }
      let (imageStart, kernelStart) = (
        image.offset(pixel + [firstChannel]), kernel.offset(tap + [0, filter])
      )
      for channel in 0..<channelsPerGroup {
        sum +=
          image.elements[imageStart + channel]
          * kernel.elements[kernelStart + channel * shape[window.rank + 1]]
      }
    }
    return sum
  }
  return epilogue(operation.epilogue, sums, inputs)
}

/// The batch and spatial index of the pixel under a tap of the window, or nil over padding.
func pixel(under tap: [Int], of window: Window, at output: [Int], _ image: [Int]) -> [Int]? {
  var pixel = [output[0]]
  for axis in 0..<window.rank {
    let place =
      output[axis + 1] * window.strides[axis] + tap[axis] * window.dilations[axis]
      - window.padding[axis].before
    guard (0..<image[axis + 1]).contains(place) else { return nil }
    pixel.append(place)
  }
  return pixel
}

/// `Σ a[…, i, t] · b[…, t, j]`.
func matrixMultiply(_ operation: MatrixMultiplyOperation, _ inputs: [NaiveTensor], _ shape: [Int])
  -> NaiveTensor
{
  let (a, b) = (inputs[0], inputs[1])
  let depth = a.shape[a.shape.count - (operation.transposesFirst ? 2 : 1)]
  let sums = NaiveTensor(shape) { index in
    let leading = Array(index.dropLast(2))
    let (row, column) = (index[index.count - 2], index[index.count - 1])
    return (0..<depth).reduce(0.0) { sum, t in
      sum + a[leading + (operation.transposesFirst ? [t, row] : [row, t])]
        * b[(b.shape.count == 2 ? [] : leading) + (operation.transposesSecond ? [column, t] : [t, column])]
    }
  }
  return epilogue(operation.epilogue, sums, inputs)
}

/// `activation(scale · sum + bias + residual)`.
private func epilogue(_ epilogue: Epilogue, _ sums: NaiveTensor, _ inputs: [NaiveTensor]) -> NaiveTensor {
  var extras = inputs.dropFirst(2)
  let scale = epilogue.hasScale ? extras.removeFirst() : nil
  let bias = epilogue.hasBias ? extras.removeFirst() : nil
  let residual = epilogue.hasResidual ? extras.removeFirst() : nil
  return NaiveTensor(sums.shape) { index in
    let channel = Array(index.suffix(1))
    let result = (scale?[channel] ?? 1) * sums[index] + (bias?[channel] ?? 0) + (residual?[index] ?? 0)
    return epilogue.activation.map { apply($0, result) } ?? result
  }
}

func pooling(_ operation: PoolingOperation, _ image: NaiveTensor, _ shape: [Int]) -> NaiveTensor {
  let taps = allIndices(of: operation.window.size)
  return NaiveTensor(shape) { index in
    let seen = taps.compactMap { pixel(under: $0, of: operation.window, at: index, image.shape) }
      .map { image[$0 + index.suffix(1)] }
    return operation.kind == .maximum
      ? seen.reduce(-.infinity, Swift.max) : seen.reduce(0, +) / Double(seen.count)
  }
}

func reduction(
  _ operation: ReductionOperation, _ input: NaiveTensor, _ shape: [Int], _ dataType: DataType
) -> NaiveTensor {
  let reduced = allIndices(of: operation.axes.map { input.shape[$0] })
  return NaiveTensor(shape) { index in
    var kept =
      operation.keepsDimensions
      ? index.indices.filter { !operation.axes.contains($0) }.map { index[$0] } : index
    var source = input.shape.indices.map { operation.axes.contains($0) ? 0 : kept.removeFirst() }
    let seen = reduced.map { position in
      for (axis, place) in zip(operation.axes, position) { source[axis] = place }
      return input[source]
    }
    switch operation.function {
    case .sum: return seen.reduce(0, +)
    case .mean:
      let mean = seen.reduce(0, +) / Double(seen.count)
      return dataType.isFloatingPoint ? mean : mean.rounded(.towardZero)
    case .maximum: return seen.reduce(-.infinity, Swift.max)
    case .minimum: return seen.reduce(.infinity, Swift.min)
    case .product: return seen.reduce(1, *)
    }
  }
}

func softmax(_ operation: SoftmaxOperation, _ input: NaiveTensor) -> NaiveTensor {
  NaiveTensor(input.shape) { index in
    let line = (0..<input.shape[operation.axis]).map { place in
      var other = index
      other[operation.axis] = place
      return input[other]
    }
    // 1 / Σ exp(x' − x): no maximum needed.
    return 1 / line.reduce(0) { $0 + exp($1 - input[index]) }
  }
}

func apply(_ function: UnaryFunction, _ x: Double) -> Double {
  switch function {
  case .relu: x > 0 ? x : 0
  case .relu6: min(max(x, 0), 6)
  case .leakyRelu(let slope): x > 0 ? x : Double(slope) * x
  case .elu(let alpha): x > 0 ? x : Double(alpha) * (exp(x) - 1)
  case .clip(let low, let high): min(max(x, Double(low)), Double(high))
  case .sigmoid: 1 / (1 + exp(-x))
  case .tanh: Glibc.tanh(x)
  case .softplus: log(1 + exp(x))
  case .softsign: x / (1 + abs(x))
  case .exponential: exp(x)
  case .exponentialMinusOne: expm1(x)
  case .logarithm: log(x)
  case .logarithmOfOnePlus: log1p(x)
  case .squareRoot: x.squareRoot()
  case .reciprocalSquareRoot: 1 / x.squareRoot()
  case .reciprocal: 1 / x
  case .square: x * x
  case .absolute: abs(x)
  case .negate: -x
  case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
  case .floor: Glibc.floor(x)
  case .ceiling: ceil(x)
  case .round: rint(x)
  case .sine: sin(x)
  case .cosine: cos(x)
  case .tangent: tan(x)
  case .arcsine: asin(x)
  case .arccosine: acos(x)
  case .arctangent: atan(x)
  case .hyperbolicSine: sinh(x)
  case .hyperbolicCosine: cosh(x)
  case .errorFunction: erf(x)
  case .linear(let scale, let offset): Double(scale) * x + Double(offset)
  }
}

func apply(_ function: BinaryOperation.Function, _ a: Double, _ b: Double) -> Double {
  switch function {
  case .add: a + b
  case .subtract: a - b
  case .multiply: a * b
  case .divide: a / b
  case .maximum: max(a, b)
  case .minimum: min(a, b)
  case .power: pow(a, b)
  case .floorDivide: floor(a / b)
  case .remainder: a - floor(a / b) * b
  case .arctangent2: atan2(a, b)
  case .logicalAnd: a != 0 && b != 0 ? 1 : 0
  case .logicalOr: a != 0 || b != 0 ? 1 : 0
  case .logicalXor: (a != 0) != (b != 0) ? 1 : 0
  }
}

func holds(_ function: CompareOperation.Function, _ a: Double, _ b: Double) -> Bool {
  switch function {
  case .equal: a == b
  case .notEqual: a != b
  case .less: a < b
  case .lessEqual: a <= b
  case .greater: a > b
  case .greaterEqual: a >= b
  }
}

func standardize(_ operation: StandardizeOperation, _ input: NaiveTensor) -> NaiveTensor {
  NaiveTensor(input.shape) { index in
    let line = input.line(through: index, axis: index.count - 1)
    let mean = line.reduce(0, +) / Double(line.count)
    let variance = line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(line.count)
    return (input[index] - mean) / (variance + Double(operation.epsilon)).squareRoot()
  }
}

/// The formulas at `RandomKernel`.
func random(_ operation: RandomOperation, _ seed: NaiveTensor, _ shape: [Int]) -> NaiveTensor {
  let (first, stream) = (UInt64(seed.elements[0]), UInt64(seed.elements[1]))
  func bits(_ element: Int, attempt: Int = 0) -> UInt64 {
    CounterRandom(seed: first &+ UInt64(attempt) &* 0x9E37_79B9_7F4A_7C15).bits(
      stream: stream, at: UInt64(element))
  }
  func uniform(_ element: Int) -> Double { Double(bits(element) >> 40) / 0x1p24 }
  func normal(_ bits: UInt64) -> Double {
    let (u, v) = (Double((bits >> 32) + 1) / 0x1p32, Double(bits % (1 << 32)) / 0x1p32)
    return sqrt(-2 * log(u)) * cos(2 * .pi * v)
  }
  let elements = (0..<elementCountOf(shape)).map { element -> Double in
    switch operation.distribution {
    case .uniform(let low, let high): return Double(low) + (Double(high) - Double(low)) * uniform(element)
    case .bernoulli(let probability): return uniform(element) < Double(probability) ? 1 : 0
    case .normal(let mean, let deviation): return Double(mean) + Double(deviation) * normal(bits(element))
    case .truncatedNormal(let mean, let deviation):
      let number = (0...).lazy.map { normal(bits(element, attempt: $0)) }.first { abs($0) <= 2 }
      return Double(mean) + Double(deviation) * (number ?? 0)
    }
  }
  return NaiveTensor(shape: shape, elements: elements)
}
