import CDNNL
import Glibc
import KerasGraph
import KerasKernels

/// Everything that one run at a time writes: the arena, and the operands of every kernel with their
/// addresses filled in. Only what the caller brings is filled in run by run.
final class RunContext {
  private struct Step {
    var primitive: dnnl_primitive_t?
    /// Where the operands begin in `arguments` or `addresses`, and how many of the former.
    var start: Int
    var count: Int32
  }

  private let kernels: [Kernel]
  private let stream: Stream
  private let arena: UnsafeMutableRawPointer
  private let steps: UnsafeMutableBufferPointer<Step>
  private let functions: UnsafeMutableBufferPointer<Kernel.Function>
  private let arguments: UnsafeMutablePointer<dnnl_exec_arg_t>
  private let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private var memoryObjects: [MemoryObject] = []
  /// What has to be pointed at the caller's tensors.
  private var inputObjects: [(object: MemoryObject, input: Int)] = []
  private var inputAddresses: [(position: Int, input: Int)] = []

  /// - Parameter layout: the bytes of the arena, and of the scratch memory behind it.
  init(_ kernels: [Kernel], layout: (arena: Int, scratch: Int)) throws(KerasError) {
    self.kernels = kernels
    stream = try Stream()
    let byteCount = layout.arena + layout.scratch
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 4096, max(byteCount, 64)) == 0, let memory else {
      throw KerasError(.libraryFailure, "There is no memory for a run: it needs \(byteCount) bytes.")
    }
    arena = memory
    var argumentCount = 0
    var addressCount = 0
    for kernel in kernels {
      switch kernel.work {
      case .primitive(_, let operands): argumentCount += operands.count
      case .function(let places, _): addressCount += places.count
      }
    }
    steps = .allocate(capacity: kernels.count)
    functions = .allocate(capacity: kernels.count)
    arguments = .allocate(capacity: argumentCount)
    addresses = .allocate(capacity: addressCount)
    (argumentCount, addressCount) = (0, 0)
    for (index, kernel) in kernels.enumerated() {
      switch kernel.work {
      case .primitive(let primitive, let operands):
        steps.initializeElement(
          at: index, to: Step(primitive: primitive.handle, start: argumentCount, count: Int32(operands.count)))
        functions.initializeElement(at: index, to: { _ in })
      case .function(let places, let function):
        steps.initializeElement(at: index, to: Step(primitive: nil, start: addressCount, count: 0))
        functions.initializeElement(at: index, to: function)
        for place in places {
          (addresses + addressCount).initialize(to: address(of: place, scratch: layout.arena))
          if case .input(let input) = place { inputAddresses.append((addressCount, input)) }
          addressCount += 1
        }
      }
      guard case .primitive(_, let operands) = kernel.work else { continue }
      for operand in operands {
        (arguments + argumentCount).initialize(to: dnnl_exec_arg_t(arg: operand.role, memory: nil))
        argumentCount += 1
      }
    }
    argumentCount = 0
    for kernel in kernels {
      guard case .primitive(_, let operands) = kernel.work else { continue }
      for operand in operands {
        let object = try MemoryObject(
          operand.descriptor, at: address(of: operand.place, scratch: layout.arena))
        memoryObjects.append(object)
        arguments[argumentCount].memory = object.handle
        argumentCount += 1
        if case .input(let input) = operand.place { inputObjects.append((object, input)) }
      }
    }
  }

  deinit {
    steps.deinitialize()
    steps.deallocate()
    functions.deinitialize()
    functions.deallocate()
    arguments.deallocate()
    addresses.deallocate()
    free(arena)
  }

  private func address(of place: Place, scratch: Int) -> UnsafeMutableRawPointer {
    switch place {
    case .arena(let offset): arena + offset
    case .scratch(let offset): arena + scratch + offset
    case .constant(let memory): memory.address
    // Filled in by each run.
    case .input: arena
    }
  }

  /// Runs every kernel on tensors at these addresses, which somebody keeps alive.
  func run(_ inputs: [UnsafeMutableRawPointer]) throws(KerasError) {
    for (object, input) in inputObjects { try object.move(to: inputs[input]) }
    for (position, input) in inputAddresses { addresses[position] = inputs[input] }
    for index in steps.indices {
      let step = steps[index]
      if let primitive = step.primitive {
        let status = dnnl.primitive_execute(primitive, stream.handle, step.count, arguments + step.start)
        guard status == dnnl_success else {
          try within(kernels[index].node) { () throws(KerasError) in try check(status, "run a kernel") }
          return
        }
      } else {
        functions[index](addresses + step.start)
      }
    }
    try check(dnnl.stream_wait(stream.handle), "finish a run")
  }

  /// Copies the rows `range` of a result that the last run left to `target`.
  func copy(
    _ result: ProgramResult, rows range: Range<Int>, inputs: [UnsafeMutableRawPointer], to target: UnsafeMutableRawPointer
  ) {
    let source: UnsafeMutableRawPointer
    switch result.place {
    case .input(let input): source = inputs[input]
    default: source = address(of: result.place, scratch: 0)
    }
    let first = source + range.lowerBound * result.rowLength * result.storedType.byteCount
    let count = range.count * result.rowLength
    if result.storedType == result.dataType {
      target.copyMemory(from: first, byteCount: count * result.dataType.byteCount)
    } else {
      kk_convert(first, kernelType(result.storedType), target, kernelType(result.dataType), count)
    }
  }
}

/// Where a program's result is found after a run, and what it is.
struct ProgramResult: Sendable {
  let place: Place
  let storedType: DataType
  let lengths: [Int]
  let dataType: DataType

  /// Elements of a row, an index of the first axis; a scalar is one row.
  var rowLength: Int { lengths.dropFirst().reduce(1, *) }
  var rowCount: Int { lengths.first ?? 1 }
}
