import CDNNL
import Glibc
import KerasGraph
import KerasKernels
import KerasPlainKernels
import Synchronization

/// Everything that one run at a time writes: the arena, and the operands of every kernel with their
/// addresses filled in. Only what the caller brings is filled in run by run.
final class RunContext {
  private enum Step {
    /// `start` is where the operands begin in `arguments`.
    case primitive(dnnl_primitive_t, start: Int, count: Int32)
    /// As many of the entries of `portions`.
    case sideBySide(Range<Int>)
    /// `start` is where the operands begin in `addresses`.
    case function(Kernel.Function, start: Int)
  }

  private let kernels: [Kernel]
  private let stream: Stream
  private let arena: Arena
  private var steps: [Step] = []
  /// `start` is where the operands begin in `arguments`.
  private var portions: [(primitive: dnnl_primitive_t, start: Int, count: Int32)] = []
  /// One for each of the portions that are computed side by side.
  private var portionStreams: [Stream] = []
  private var arguments: [dnnl_exec_arg_t] = []
  private var addresses: [UnsafeMutableRawPointer] = []
  private var memoryObjects: [MemoryObject] = []
  /// What has to be pointed at the caller's memory.
  private var callersObjects: [(object: MemoryObject, place: Place, offset: Int)] = []
  private var callersAddresses: [(position: Int, place: Place)] = []

  /// - Throws: `libraryFailure` when there is no memory for it.
  init(_ kernels: [Kernel], arenaByteCount: Int, scratchByteCount: Int) throws(KerasError) {
    self.kernels = kernels
    stream = try Stream()
    arena = try Arena(byteCount: arenaByteCount, scratchByteCount: scratchByteCount)
    for kernel in kernels {
      switch kernel.work {
      case .primitive(let primitive, let operands):
        steps.append(.primitive(primitive.handle, start: arguments.count, count: Int32(operands.count)))
        try addArguments(operands)
      case .sideBySide(let parts):
        let first = portions.count
        for part in parts {
          portions.append((part.primitive.handle, arguments.count, Int32(part.operands.count)))
          try addArguments(part.operands)
        }
        while portionStreams.count < parts.count { portionStreams.append(try Stream()) }
        steps.append(.sideBySide(first..<portions.count))
      case .function(let places, let function):
        steps.append(.function(function, start: addresses.count))
        for place in places {
          if place.isCallers { callersAddresses.append((addresses.count, place)) }
          addresses.append(arena.address(of: place))
        }
      }
    }
  }

  private func addArguments(_ operands: [Kernel.Operand]) throws(KerasError) {
    for operand in operands {
      let object = try MemoryObject(
        operand.descriptor, at: arena.address(of: operand.place) + operand.offset)
      if operand.place.isCallers { callersObjects.append((object, operand.place, operand.offset)) }
      arguments.append(dnnl_exec_arg_t(arg: operand.role, memory: object.handle))
      memoryObjects.append(object)
    }
  }

  /// Runs every kernel on memory that somebody keeps alive.
  ///
  /// - Parameters:
  ///   - timer: measures each kernel. (On a CPU, oneDNN's stream has finished a primitive when it returns.)
  ///   - firstOverwriting: the first kernel that overwrites a state.
  ///   - overwriting: called before it.
  func run(
    _ memory: RunMemory, timer: StepTimer?, firstOverwriting: Int?, overwriting: () -> Void
  ) throws(KerasError) {
    for (object, place, offset) in callersObjects {
      try object.move(to: address(of: place, memory) + offset)
    }
    for (position, place) in callersAddresses { addresses[position] = address(of: place, memory) }
    try arguments.withUnsafeBufferPointer { (arguments) throws(KerasError) in
      try addresses.withUnsafeBufferPointer { (addresses) throws(KerasError) in
        var laps = timer?.start()
        for index in steps.indices {
          if index == firstOverwriting { overwriting() }
          do throws(KerasError) {
            try run(steps[index], arguments, addresses)
          } catch {
            throw error.within(kernels[index].node)
          }
          laps?.finishStep()
        }
        if let laps { timer?.add(laps) }
      }
    }
    try check(dnnl.stream_wait(stream.handle), "finish a run")
  }

  private func address(of place: Place, _ memory: RunMemory) -> UnsafeMutableRawPointer {
    switch place {
    case .input(let input): memory.inputs[input]
    case .update(let state): memory.updates[state]
    case .arena, .scratch, .constant: arena.address(of: place)
    }
  }

  @inline(__always)
  private func run(
    _ step: Step, _ arguments: UnsafeBufferPointer<dnnl_exec_arg_t>,
    _ addresses: UnsafeBufferPointer<UnsafeMutableRawPointer>
  ) throws(KerasError) {
    switch step {
    case .primitive(let primitive, let start, let count):
      let status = dnnl.primitive_execute(
        primitive, stream.handle, count, arguments.baseAddress.map { $0 + start })
      if status != dnnl_success { try check(status, "run a kernel") }
    case .sideBySide(let range):
      let failure = Mutex(dnnl_success)
      Threads.parallel(range.count) { number in
        let portion = portions[range.lowerBound + number]
        let status = dnnl.primitive_execute(
          portion.primitive, portionStreams[number].handle, portion.count,
          arguments.baseAddress.map { $0 + portion.start })
        if status != dnnl_success { failure.withLock { $0 = status } }
      }
      let status = failure.withLock { $0 }
      if status != dnnl_success { try check(status, "run a kernel") }
    case .function(let function, let start):
      if let operands = addresses.baseAddress { try function(operands + start) }
    }
  }

  /// Copies the rows `range` of a result that the last run left to `target`.
  func copy(
    _ result: ProgramResult, rows range: Range<Int>, of memory: RunMemory, to target: UnsafeMutableRawPointer
  ) {
    let first =
      address(of: result.place, memory) + range.lowerBound * result.rowLength * result.storedType.byteCount
    let count = range.count * result.rowLength
    if result.storedType == result.dataType {
      target.copyMemory(from: first, byteCount: count * result.dataType.byteCount)
    } else {
      kk_convert(first, kernelType(result.storedType), target, kernelType(result.dataType), count)
    }
  }
}

extension Place {
  /// Whether each run brings the memory along.
  fileprivate var isCallers: Bool {
    switch self {
    case .input, .update: true
    case .arena, .scratch, .constant: false
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

/// The memory of one run: intermediate values, and behind them the scratch memory that belongs to one kernel
/// after the other.
private final class Arena {
  private let start: UnsafeMutableRawPointer
  private let scratch: UnsafeMutableRawPointer

  init(byteCount: Int, scratchByteCount: Int) throws(KerasError) {
    let total = byteCount + scratchByteCount
    var memory: UnsafeMutableRawPointer?
    // Huge pages spare a large arena thousands of page faults in the first run.
    let wantsHugePages = total >= 4 << 20
    let alignment = wantsHugePages ? 2 << 20 : 4096
    guard posix_memalign(&memory, alignment, max(total, MemoryPlan.alignment)) == 0, let memory else {
      throw KerasError(.libraryFailure, "There is no memory for a run: it needs \(total) bytes.")
    }
    if wantsHugePages { madvise(memory, total, MADV_HUGEPAGE) }
    start = memory
    scratch = memory + byteCount
  }

  deinit { free(start) }

  func address(of place: Place) -> UnsafeMutableRawPointer {
    switch place {
    case .arena(let offset): start + offset
    case .scratch(let offset): scratch + offset
    case .constant(let memory): memory.address
    // Filled in by each run.
    case .input, .update: start
    }
  }
}
