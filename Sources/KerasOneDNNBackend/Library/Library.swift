import CDNNL
import KerasCore
import KerasKernels

// This folder holds every call of oneDNN's C API (version 2). Version 3 has neither descriptors of
// operations nor memory descriptors that are structs: only this folder would change.

/// oneDNN's functions. Valid once ``Library/load()`` has returned.
var dnnl: cdnnl_functions { Library.functions.unsafelyUnwrapped.pointee }

/// The library behind this backend, loaded when it is first needed.
enum Library {
  nonisolated(unsafe) fileprivate static let functions: UnsafePointer<cdnnl_functions>? = {
    // Our kernels' threads are oneDNN's: they decide how idle ones wait, and must be there first.
    _ = kk_thread_count()
    return cdnnl_load()
  }()

  /// - Throws: `libraryFailure` when oneDNN is not installed.
  static func load() throws(KerasError) {
    guard functions != nil else {
      throw KerasError(
        .libraryFailure, "oneDNN (libdnnl.so.2), which the onednn backend stands on, is not installed.",
        remedy: "install it (`apt-get install libdnnl2`), or use the backend openblas.")
    }
  }
}

/// Turns a status of oneDNN into an error that says what could not be done.
func check(_ status: dnnl_status_t, _ action: @autoclosure () -> String) throws(KerasError) {
  guard status != dnnl_success else { return }
  let reason =
    switch status {
    case dnnl_out_of_memory: "out of memory"
    case dnnl_invalid_arguments: "invalid arguments"
    case dnnl_unimplemented: "not implemented for this CPU"
    case dnnl_runtime_error: "a failure at run time"
    default: "status \(status.rawValue)"
    }
  throw KerasError(.libraryFailure, "oneDNN could not \(action()): \(reason).")
}

/// The CPU, as oneDNN addresses it.
enum Engine {
  /// Made on first use; never freed, as every primitive of the process refers to it.
  nonisolated(unsafe) private static let handle: dnnl_engine_t? = {
    var engine: dnnl_engine_t?
    return dnnl.engine_create(&engine, dnnl_cpu, 0) == dnnl_success ? engine : nil
  }()

  static func cpu() throws(KerasError) -> dnnl_engine_t {
    guard let handle else { throw KerasError(.libraryFailure, "oneDNN could not address the CPU.") }
    return handle
  }

  /// What the CPU can do, or as much of it as `ONEDNN_MAX_CPU_ISA` lets oneDNN use.
  static var instructions: InstructionSet {
    let found = dnnl.get_effective_cpu_isa().rawValue
    func has(_ isa: dnnl_cpu_isa_t) -> Bool { found & isa.rawValue == isa.rawValue }
    if has(dnnl_cpu_isa_avx512_core_amx) { return .matrixUnits }
    if has(dnnl_cpu_isa_avx512_core_bf16) { return .avx512BFloat16 }
    return has(dnnl_cpu_isa_avx512_core) ? .avx512 : .upToAVX2
  }
}

/// What of a CPU decides how numbers are multiplied. Each includes those before it.
enum InstructionSet: Int, Comparable, CaseIterable {
  case upToAVX2
  case avx512
  /// AVX-512 with products of bfloat16 numbers, twice as many at once as of float32.
  case avx512BFloat16
  /// AMX, which multiplies many times as many.
  case matrixUnits

  var multipliesBFloat16: Bool { self >= .avx512BFloat16 }

  static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.rawValue < b.rawValue }
}
