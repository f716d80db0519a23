extension Graph {
  /// What a backend must know how to compute: a small, closed vocabulary.
  ///
  /// Everything else is composition, which passes fuse again. A backend picks kernels in a `switch`
  /// without `default`, so that the compiler lists what a new operation still needs.
  public enum Operation: Sendable, Hashable {
    case input(InputOperation)
    case constant(ConstantOperation)
    case convolution(ConvolutionOperation)
    case matrixMultiply(MatrixMultiplyOperation)
    case pooling(PoolingOperation)
    case reduction(ReductionOperation)
    case unary(UnaryOperation)
    case binary(BinaryOperation)
    case batchNormalization(BatchNormalizationOperation)
    case softmax(SoftmaxOperation)
    case reshape(ReshapeOperation)
    case transpose(TransposeOperation)
    case pad(PadOperation)
    case concatenate(ConcatenateOperation)
    case slice(SliceOperation)
    case cast(CastOperation)
    case compare(CompareOperation)
    case select(SelectOperation)
    case broadcast(BroadcastOperation)
    case gather(GatherOperation)
    case scatterAdd(ScatterAddOperation)
    case argumentReduction(ArgumentReductionOperation)
    case sort(SortOperation)
    case searchSorted(SearchSortedOperation)
    case hash(HashOperation)
    case cumulative(CumulativeOperation)
    case reverse(ReverseOperation)
    case random(RandomOperation)
    case standardize(StandardizeOperation)
    case transposedConvolution(TransposedConvolutionOperation)
    case convolutionKernelGradient(ConvolutionKernelGradientOperation)
    case poolingGradient(PoolingGradientOperation)
    case poolingSelection(PoolingSelectionOperation)
    case scan(ScanOperation)
    case recurrent(RecurrentOperation)
    case recurrentGradient(RecurrentGradientOperation)

    /// The one-file struct that holds this operation's attributes, shape rule and gradient.
    public var rule: any OperationRule {
      switch self {
      case .input(let rule): rule
      case .constant(let rule): rule
      case .convolution(let rule): rule
      case .matrixMultiply(let rule): rule
      case .pooling(let rule): rule
      case .reduction(let rule): rule
      case .unary(let rule): rule
      case .binary(let rule): rule
      case .batchNormalization(let rule): rule
      case .softmax(let rule): rule
      case .reshape(let rule): rule
      case .transpose(let rule): rule
      case .pad(let rule): rule
      case .concatenate(let rule): rule
      case .slice(let rule): rule
      case .cast(let rule): rule
      case .compare(let rule): rule
      case .select(let rule): rule
      case .broadcast(let rule): rule
      case .gather(let rule): rule
      case .scatterAdd(let rule): rule
      case .argumentReduction(let rule): rule
      case .sort(let rule): rule
      case .searchSorted(let rule): rule
      case .hash(let rule): rule
      case .cumulative(let rule): rule
      case .reverse(let rule): rule
      case .random(let rule): rule
      case .standardize(let rule): rule
      case .transposedConvolution(let rule): rule
      case .convolutionKernelGradient(let rule): rule
      case .poolingGradient(let rule): rule
      case .poolingSelection(let rule): rule
      case .scan(let rule): rule
      case .recurrent(let rule): rule
      case .recurrentGradient(let rule): rule
      }
    }

    /// The name people see in printed graphs and errors.
    public var name: String { rule.name }
  }
}

/// Short inside the package; outside, the name alone would mean Foundation's class as well.
package typealias Operation = Graph.Operation

/// What an operation says of itself: its attributes are its stored properties; its shape rule and
/// gradient stand beside them.
public protocol OperationRule: Sendable, Hashable {
  var name: String { get }

  /// The attributes as a printed graph shows them; empty when there is nothing to say.
  var settings: String { get }

  /// The specs of the outputs for inputs of these specs; unknown lengths stay unknown.
  ///
  /// - Throws: `shapeMismatch` or `invalidArgument` when the operation cannot take such inputs.
  func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec]

  /// The inputs whose memory the (only) output may overwrite, best first, when nobody reads them later.
  func inPlaceInputs(for inputs: [TensorSpec]) -> [Int]

  /// Whether it can find its inputs' numbers wrong, such as an index outside its axis, when it runs.
  var canFail: Bool { get }

  /// Whether row i of the (only) output needs no more than rows i of the inputs that have rows. What does not say so
  /// mixes the samples of a batch, or may.
  func worksRowByRow(_ use: BatchUse) -> Bool

  /// The operation for inputs before their axes were put in the order `permutation`, where their transpositions may as
  /// well come behind it: with its (only) output transposed, it gives what this one gives on transposed inputs. Nil
  /// where transpositions must come first.
  func reordered(by permutation: [Int]) -> Graph.Operation?

  /// Whether inputs of fewer axes, or with axes of length 1, are stretched to the output's shape.
  var stretchesInputs: Bool { get }

  /// Whether the (only) output is the first input as it is, given that shapes and types agree.
  func isIdentity(on inputs: [TensorSpec]) -> Bool

  /// Whether it is worth computing once and for all where all its inputs are constants.
  var folding: ConstantFolding { get }

  /// Whether its outputs stay float32 where a program computes in bfloat16. What does not object may lose digits.
  var keepsFloat32: Bool { get }

  /// Whether what it reads stays float32 there, too.
  var keepsInputsFloat32: Bool { get }

  /// Records the gradients of the inputs, given those of the outputs; nil where there is none or none is needed.
  ///
  /// - Throws: `notDifferentiable`, naming the operation.
  func gradients(at point: GradientPoint) throws(KerasError) -> [Value?]

  /// Products of two numbers that one run multiplies and adds up, for inputs and outputs of these specs: 0 for what is
  /// neither a convolution nor a matrix product; nil where a length is not known.
  func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int?
}

extension OperationRule {
  public var settings: String { "" }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] { [] }

  public var canFail: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { false }

  public func reordered(by permutation: [Int]) -> Graph.Operation? { nil }

  public var stretchesInputs: Bool { false }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { false }

  public var folding: ConstantFolding { .never }

  public var keepsFloat32: Bool { true }

  public var keepsInputsFloat32: Bool { false }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    throw point.notDifferentiable()
  }

  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? { 0 }
}

/// Whether an operation on constants is replaced by its result, which the program then holds.
public enum ConstantFolding: Sendable {
  case never
  /// When the result takes about the place of its inputs.
  case inPlaceOfInputs
  /// When the result takes no more.
  case upTo(byteCount: Int)
}

/// Checks the number of inputs in shape rules, and that their lengths can be added without overflow.
func expectInputs(_ counts: ClosedRange<Int>, _ inputs: [TensorSpec], _ name: String) throws(KerasError) {
  guard counts.contains(inputs.count) else {
    let (least, most) = (counts.lowerBound, counts.upperBound)
    let expected = least == most ? "\(most) input\(most == 1 ? "" : "s")" : "\(least) to \(most) inputs"
    throw KerasError(.invalidArgument, "\(name) takes \(expected), found \(inputs.count).")
  }
  for input in inputs where !input.shape.allSatisfy({ (0..<1 << 48).contains($0 ?? 0) }) {
    throw KerasError(.invalidArgument, "\(name) takes lengths from 0 to 2^48, found \(input).")
  }
}

/// An axis counted from the front, from one that may be counted from the back.
///
/// - Throws: `invalidArgument` when it is outside the rank.
package func resolvedAxis(_ axis: Int, rank: Int) throws(KerasError) -> Int {
  let resolved = axis < 0 ? axis + rank : axis
  guard (0..<rank).contains(resolved) else {
    throw KerasError(.invalidArgument, "Axis \(axis) is outside a tensor of rank \(rank).")
  }
  return resolved
}
